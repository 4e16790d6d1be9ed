"""Sign-ins at the portal, in SQL."""

from sqlalchemy import delete, insert, select, update

from server.core.records import Session
from server.storage.database import Database
from server.storage.schema import sessions


class SQLSessions:
    """Plays `server.core.ports.Sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        """Keep a new session."""
        with self._database.writing() as connection:
            connection.execute(insert(sessions).values(session._asdict()))

    def find(self, digest: bytes) -> Session | None:
        """Return the session of that digest."""
        query = select(sessions).where(sessions.c.digest == digest)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Session._make(row) if row else None

    def touch(self, digest: bytes, seen_at: float) -> None:
        """Note the time of the last visit."""
        change = update(sessions).where(sessions.c.digest == digest).values(seen_at=seen_at)
        with self._database.writing() as connection:
            connection.execute(change)

    def remove(self, digest: bytes) -> None:
        """End a session; ending an unknown one is nothing."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest))
