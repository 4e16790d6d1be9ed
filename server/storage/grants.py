"""Grants and their refresh tokens, in SQL."""

from sqlalchemy import Connection, insert, select, update

from server.core.records import Grant, RefreshToken
from server.storage.database import Database
from server.storage.schema import grants, refresh_tokens


class SQLGrants:
    """Plays `server.core.ports.Grants`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, grant_id: str) -> Grant | None:
        """Return the grant of that id."""
        query = select(grants).where(grants.c.grant_id == grant_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Grant._make(row) if row else None

    def find_refresh_token(self, digest: bytes) -> RefreshToken | None:
        """Return the refresh token of that digest, spent ones included."""
        query = select(refresh_tokens).where(refresh_tokens.c.digest == digest)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return RefreshToken._make(row) if row else None

    def rotate(self, old: Grant, new: Grant, refresh_token: RefreshToken) -> bool:
        """Swap the grant and keep its new refresh token, as one."""
        unchanged = (grants.c.grant_id == old.grant_id) & (grants.c.version == old.version)
        with self._database.writing() as connection:
            swapped = connection.execute(update(grants).where(unchanged).values(new._asdict()))
            if swapped.rowcount != 1:
                return False
            connection.execute(insert(refresh_tokens).values(refresh_token._asdict()))
        return True

    def revoke(self, grant_id: str, revoked_at: float) -> None:
        """End a grant and all that belongs to it; a second time changes nothing."""
        with self._database.writing() as connection:
            end_grant(connection, grant_id, revoked_at)


def end_grant(connection: Connection, grant_id: str, revoked_at: float) -> None:
    """End a grant within a transaction; one that has ended stays as it is."""
    living = (grants.c.grant_id == grant_id) & grants.c.revoked_at.is_(None)
    connection.execute(
        update(grants).where(living).values(revoked_at=revoked_at, version=grants.c.version + 1)
    )
