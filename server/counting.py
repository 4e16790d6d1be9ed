"""Counters of this process for limits that must cost next to nothing (`ports.Counters`).

Lost with the process, and not shared with others: fit for floods, not for guesses at secrets.
"""

from threading import Lock

from server.core.limits import Limit
from server.core.ports import Clock

_MOST_KEYS = 100_000  # about 20 MB; whoever fills it has shown more addresses than we can count


class QuickCounters:
    """Counts in fixed windows that begin with the first of each key."""

    def __init__(self, clock: Clock, most_keys: int = _MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._windows: dict[tuple[str, str], tuple[int, float]] = {}  # count, end
        self._lock = Lock()

    def spent(self, limit: Limit, key: str) -> bool:
        """Tell whether nothing is left."""
        count, end = self._windows.get((limit.name, key), (0, 0.0))
        return count >= limit.amount and self._clock() < end

    def count(self, limit: Limit, key: str) -> bool:
        """Count one more; False when that is over the limit."""
        now = self._clock()
        with self._lock:
            count, end = self._windows.get((limit.name, key), (0, 0.0))
            # A window that seems to end too late was begun before the clock was set back.
            if not now < end <= now + limit.seconds:
                self._make_room(now)
                count, end = 0, now + limit.seconds
            self._windows[limit.name, key] = (count + 1, end)
        return count < limit.amount

    def refund(self, limit: Limit, key: str) -> None:
        """Take one back that turned out not to count."""
        with self._lock:
            count, end = self._windows.get((limit.name, key), (0, 0.0))
            if count:
                self._windows[limit.name, key] = (count - 1, end)

    def _make_room(self, now: float) -> None:
        if len(self._windows) >= self._most_keys:
            self._windows = {key: kept for key, kept in self._windows.items() if now < kept[1]}
            if len(self._windows) >= self._most_keys:
                self._windows.clear()
