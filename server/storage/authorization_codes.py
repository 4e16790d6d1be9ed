"""Authorization codes, in SQL, each used once by compare-and-swap."""

from sqlalchemy import insert, select, update

from server.core.records import AuthorizationCode, Grant, RefreshToken
from server.storage.database import Database
from server.storage.grants import add_grant
from server.storage.schema import authorization_codes as table


class SQLAuthorizationCodes:
    """Plays `server.core.ports.AuthorizationCodes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, code: AuthorizationCode) -> None:
        """Keep a new one."""
        with self._database.writing() as connection:
            connection.execute(insert(table).values(code._asdict()))

    def find(self, digest: bytes) -> AuthorizationCode | None:
        """Return the one of that digest, used or not."""
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.digest == digest)).one_or_none()
        return AuthorizationCode._make(row) if row else None

    def exchange(
        self, code: AuthorizationCode, grant: Grant, refresh_token: RefreshToken | None
    ) -> bool:
        """Mark a code as used and insert what it earns, as one; False when it was used before."""
        unused = (table.c.digest == code.digest) & table.c.grant_id.is_(None)
        with self._database.writing() as connection:
            used = connection.execute(update(table).where(unused).values(grant_id=grant.grant_id))
            if used.rowcount != 1:
                return False
            add_grant(connection, grant, refresh_token)
        return True
