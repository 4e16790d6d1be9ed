"""Grants and their refresh tokens, in SQL."""

from typing import Any

from sqlalchemy import Connection, Update, bindparam, delete, insert, select, update

from server.core.records import Grant, RefreshToken
from server.storage.database import Database, storable
from server.storage.schema import grants, refresh_tokens

# What a rotation changes of a grant; naming a column with an index would have it written anew.
_ROTATED = ("current", "issued", "version", "dpop_key")


class SQLGrants:
    """Plays `server.core.ports.Grants`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.hot_query(
            select(grants).where(grants.c.grant_id == bindparam("grant_id"))
        )
        self._find_refresh_token = database.hot_query(
            select(refresh_tokens).where(refresh_tokens.c.digest == bindparam("digest"))
        )
        self._rotate = database.hot_change(_swap_rotated(), insert(refresh_tokens))

    def add(self, grant: Grant, refresh_token: RefreshToken | None) -> None:
        """Keep a new grant and the refresh token that it earns."""
        with self._database.writing() as connection:
            add_grant(connection, grant, refresh_token)

    def living(self, subject: str, client_id: str) -> list[Grant]:
        """Return the grants of a person to a client that were not revoked."""
        query = select(grants).where(
            grants.c.subject == subject,
            grants.c.client_id == client_id,
            grants.c.revoked_at.is_(None),
        )
        with self._database.reading() as connection:
            return [Grant._make(row) for row in connection.execute(query)]

    def find(self, grant_id: str) -> Grant | None:
        """Return the grant of that id."""
        row = self._find(storable(grant_id))
        return Grant._make(row) if row else None

    def find_refresh_token(self, digest: bytes) -> RefreshToken | None:
        """Return the refresh token of that digest, spent ones included."""
        row = self._find_refresh_token(digest)
        return RefreshToken._make(row) if row else None

    def rotate(self, old: Grant, new: Grant, refresh_token: RefreshToken) -> bool:
        """Swap the grant and keep its new refresh token, as one."""
        changed = tuple([getattr(new, name) for name in _ROTATED])
        return self._rotate((*changed, old.grant_id, old.version), refresh_token)

    def revoke(self, grant_id: str, revoked_at: float) -> None:
        """End a grant and all that belongs to it; a second time changes nothing."""
        with self._database.writing() as connection:
            end_grant(connection, grant_id, revoked_at)


def _swap_rotated() -> Update:
    unchanged = (grants.c.grant_id == bindparam("old_id")) & (
        grants.c.version == bindparam("old_version")
    )
    changes: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _ROTATED}
    return update(grants).where(unchanged).values(changes)


def add_grant(connection: Connection, grant: Grant, refresh_token: RefreshToken | None) -> None:
    """Keep a new grant and the refresh token that it earns, within a transaction."""
    connection.execute(insert(grants).values(grant._asdict()))
    if refresh_token:
        connection.execute(insert(refresh_tokens).values(refresh_token._asdict()))


def end_grant(connection: Connection, grant_id: str, revoked_at: float) -> None:
    """End a grant within a transaction; one that has ended stays as it is."""
    living = (grants.c.grant_id == grant_id) & grants.c.revoked_at.is_(None)
    connection.execute(_ended(revoked_at).where(living))


def replace_unused(connection: Connection, grant_id: str, revoked_at: float) -> bool:
    """End a grant and drop its refresh tokens; False, and nothing, when it has ended or was used.

    Whoever rotates its tokens at the same time waits for this transaction, or this one for theirs.
    """
    unused = (
        (grants.c.grant_id == grant_id)
        & grants.c.revoked_at.is_(None)
        & (grants.c.current == 0)
        & (grants.c.issued == 1)
    )
    if connection.execute(_ended(revoked_at).where(unused)).rowcount != 1:
        return False
    connection.execute(delete(refresh_tokens).where(refresh_tokens.c.grant_id == grant_id))
    return True


def _ended(revoked_at: float) -> Update:
    return update(grants).values(revoked_at=revoked_at, version=grants.c.version + 1)
