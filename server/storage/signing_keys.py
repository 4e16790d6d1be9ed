"""Sealed signing keys, in SQL."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from server.storage.database import Database
from server.storage.schema import signing_keys as table


class SealedKey(NamedTuple):
    """A private key that was sealed before it came here."""

    kid: str
    algorithm: str
    sealed: str
    created_at: float


class SQLSigningKeys:
    """Keeps sealed keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[SealedKey]:
        """Return every key, oldest first."""
        with self._database.reading() as connection:
            return _all(connection)

    def change(
        self,
        added: Callable[[Sequence[SealedKey]], Sequence[SealedKey]],
        removed: Callable[[Sequence[SealedKey]], Sequence[str]] = lambda _: (),
    ) -> list[SealedKey]:
        """Add and remove what these say of the keys found under the lock; return all, in order.

        Processes take turns: what one has added, the next one finds.
        """
        with self._database.alone() as connection:
            found = _all(connection)
            for key in added(found):
                connection.execute(insert(table).values(key._asdict()))
            connection.execute(delete(table).where(table.c.kid.in_(removed(found))))
            return _all(connection)


def _all(connection: Connection) -> list[SealedKey]:
    rows = connection.execute(select(table).order_by(table.c.created_at, table.c.kid))
    return [SealedKey._make(row) for row in rows]
