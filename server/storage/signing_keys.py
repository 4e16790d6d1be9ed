"""Sealed signing keys, in SQL."""

from collections.abc import Callable

from sqlalchemy import insert, select

from server.storage.database import Database
from server.storage.schema import signing_keys


class SQLSigningKeys:
    """Keeps private keys that were sealed before they came here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, make_first: Callable[[], tuple[str, str]], now: float) -> list[str]:
        """Return all sealed keys, oldest first; the first start makes one: its kid and itself."""
        in_order = select(signing_keys.c.sealed).order_by(signing_keys.c.created_at)
        with self._database.reading() as connection:
            found = list(connection.execute(in_order).scalars())
        if found:
            return found
        with self._database.alone() as connection:
            # Looked up again under the lock: another process may have been first.
            found = list(connection.execute(in_order).scalars())
            if not found:
                kid, sealed = make_first()
                new = {"kid": kid, "sealed": sealed, "created_at": now}
                connection.execute(insert(signing_keys).values(new))
                found = [sealed]
        return found
