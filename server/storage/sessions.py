"""Sign-ins at the portal, in SQL."""

from sqlalchemy import delete, insert, select, update

from server.core.records import Session
from server.storage.database import Database
from server.storage.schema import sessions


class SQLSessions:
    """Plays `server.core.ports.Sessions`; `idle_lifetime` in seconds tells which ones are dead."""

    def __init__(self, database: Database, idle_lifetime: int) -> None:
        self._database = database
        self._idle_lifetime = idle_lifetime

    def add(self, session: Session) -> None:
        """Keep a new session, and drop those that nobody came back to."""
        dead = sessions.c.seen_at < session.created_at - self._idle_lifetime
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(dead))
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
