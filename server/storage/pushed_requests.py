"""Pushed authorization requests (RFC 9126), in SQL."""

from sqlalchemy import delete, insert, select

from server.core.records import PushedRequest
from server.storage.database import Database
from server.storage.schema import pushed_requests as table


class SQLPushedRequests:
    """Plays `server.core.ports.PushedRequests`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, request: PushedRequest) -> None:
        """Keep a new one."""
        with self._database.writing() as connection:
            connection.execute(insert(table).values(request._asdict()))

    def find(self, digest: bytes) -> PushedRequest | None:
        """Return the one of that digest."""
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.digest == digest)).one_or_none()
        return PushedRequest._make(row) if row else None

    def remove(self, digest: bytes) -> bool:
        """Use one up; False when it was not there (any more)."""
        with self._database.writing() as connection:
            return connection.execute(delete(table).where(table.c.digest == digest)).rowcount == 1
