"""Registered clients, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from server.core.records import Client
from server.storage.database import Database, storable
from server.storage.schema import clients


class SQLClients:
    """Plays `server.core.ports.Clients`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.hot_query(
            select(clients).where(clients.c.client_id == bindparam("client_id"))
        )

    def add(self, client: Client) -> bool:
        """Add a client; False when its client_id is taken."""
        try:
            with self._database.writing() as connection:
                connection.execute(insert(clients).values(client._asdict()))
        except IntegrityError:
            return False
        return True

    def find(self, client_id: str) -> Client | None:
        """Return the client of that id."""
        row = self._find(storable(client_id))
        return _client(row) if row else None

    def origins(self) -> frozenset[str]:
        """Return every origin that any client lists."""
        with self._database.reading() as connection:
            listed = connection.scalars(select(clients.c.origins).where(clients.c.origins != ""))
            return frozenset(" ".join(listed).split())


def _client(row: Sequence[Any]) -> Client:
    found = Client._make(row)
    # SQLite has no truth values.
    return found._replace(
        dpop_bound=bool(found.dpop_bound),
        pushed_only=bool(found.pushed_only),
        return_code=bool(found.return_code),
    )
