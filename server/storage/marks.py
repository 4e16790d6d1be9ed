"""Identifiers that were seen, in SQL: one memory for all processes, and it survives restarts."""

from hashlib import sha256

from sqlalchemy import bindparam, select

from server.storage.database import Database
from server.storage.schema import marks as table


class SQLMarks:
    """Plays `server.core.ports.Marks`. Identifiers rest as digests: others made them up."""

    def __init__(self, database: Database) -> None:
        self._mark = database.hot_insert(table)
        self._find = database.hot_query(
            select(table.c.expires_at).where(table.c.key == bindparam("key"))
        )

    def mark(self, identifier: str, until: float) -> bool:
        """Keep it until then; False when it was there already. A power cut may take it back."""
        return self._mark((_key(identifier), until))

    def marked(self, identifier: str) -> bool:
        """Tell whether it is there."""
        return self._find(_key(identifier)) is not None


def _key(identifier: str) -> bytes:
    return sha256(identifier.encode("utf-8", "surrogatepass")).digest()
