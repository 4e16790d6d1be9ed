"""Grants and their refresh tokens, in SQL."""

from sqlalchemy import delete, insert, select, update

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
        """Swap the grant and make `refresh_token` its only unused successor, as one."""
        unchanged = (grants.c.grant_id == old.grant_id) & (grants.c.version == old.version)
        unused = (refresh_tokens.c.grant_id == old.grant_id) & (
            refresh_tokens.c.generation == refresh_token.generation
        )
        with self._database.writing() as connection:
            swapped = connection.execute(update(grants).where(unchanged).values(new._asdict()))
            if swapped.rowcount != 1:
                return False
            connection.execute(delete(refresh_tokens).where(unused))
            connection.execute(insert(refresh_tokens).values(refresh_token._asdict()))
        return True

    def revoke(self, grant_id: str, revoked_at: float) -> None:
        """End a grant and all that belongs to it; a second time changes nothing."""
        living = (grants.c.grant_id == grant_id) & grants.c.revoked_at.is_(None)
        with self._database.writing() as connection:
            connection.execute(
                update(grants)
                .where(living)
                .values(revoked_at=revoked_at, version=grants.c.version + 1)
            )
