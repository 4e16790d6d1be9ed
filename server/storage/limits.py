"""Counters for limits, in SQL: one count for all processes and nodes, and it survives restarts."""

from hashlib import sha256
from math import inf

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import bindparam, case, delete, func, select, update

from server.core.limits import Limit
from server.core.ports import Clock, StoreUnavailable
from server.storage.database import Database
from server.storage.schema import limit_counters as table


class SQLStorage(Storage):
    """A storage of the library `limits`, for its fixed windows.

    Keys rest as digests: among them is what people typed for a username, now and then a password.
    """

    STORAGE_SCHEME = None

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__()
        self._database = database
        self._clock = clock
        self._find = database.hot_query(
            select(table.c.count, table.c.expires_at).where(table.c.key == bindparam("key"))
        )

    @property
    def base_exceptions(self) -> type[Exception]:
        """What is raised when it fails."""
        return StoreUnavailable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more and return the count, in a new window when the last has ended."""
        now, digest = self._clock(), _digest(key)
        # A window that seems to end too late was begun before the clock was set back.
        running = (table.c.expires_at > now) & (table.c.expires_at <= now + expiry)
        add = self._database.insert(table).values(key=digest, count=amount, expires_at=now + expiry)
        add = add.on_conflict_do_update(
            index_elements=[table.c.key],
            set_={
                "count": case((running, table.c.count + amount), else_=amount),
                "expires_at": case((running, table.c.expires_at), else_=now + expiry),
            },
        )
        with self._database.writing() as connection:
            connection.execute(add)
            found = connection.execute(select(table.c.count).where(table.c.key == digest))
            return int(found.scalar_one())

    def decr(self, key: str, amount: int = 1) -> int:
        """Take `amount` back, but never below nothing, and return the count."""
        counted = (table.c.key == _digest(key)) & (table.c.count >= amount)
        with self._database.writing() as connection:
            connection.execute(update(table).where(counted).values(count=table.c.count - amount))
        return self.get(key)

    def get(self, key: str, expiry: float = inf) -> int:
        """Return the count of the running window, which is `expiry` seconds long."""
        found, now = self._find(_digest(key)), self._clock()
        # A window that seems to end too late was begun before the clock was set back.
        return int(found[0]) if found and now < found[1] <= now + expiry else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends: now, when there is none."""
        found = self._find(_digest(key))
        return max(float(found[1]), self._clock()) if found else self._clock()

    def check(self) -> bool:
        """Tell whether the store answers."""
        try:
            self._find(b"")
        except StoreUnavailable:
            return False
        return True

    def reset(self) -> int:
        """Forget all counts and return how many there were."""
        with self._database.writing() as connection:
            count = connection.scalar(select(func.count()).select_from(table)) or 0
            connection.execute(delete(table))
        return count

    def clear(self, key: str) -> None:
        """Forget the count of a key."""
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.key == _digest(key)))


class CountedLimits:
    """Plays `server.core.ports.Counters` by the fixed windows of the library `limits`."""

    def __init__(self, storage: SQLStorage) -> None:
        self._storage = storage
        self._windows = FixedWindowRateLimiter(storage)

    def spent(self, limit: Limit, key: str) -> bool:
        """Tell whether nothing is left."""
        return self._storage.get(_item(limit).key_for(key), limit.seconds) >= limit.amount

    def count(self, limit: Limit, key: str) -> bool:
        """Count one more; False when that is over the limit."""
        return self._windows.hit(_item(limit), key)

    def refund(self, limit: Limit, key: str) -> None:
        """Take one back that turned out not to count."""
        self._storage.decr(_item(limit).key_for(key))


def _item(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.amount, limit.seconds, limit.name)


def _digest(key: str) -> bytes:
    return sha256(key.encode(errors="surrogatepass")).digest()
