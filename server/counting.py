"""Counters of this process for limits that must cost next to nothing (`ports.Counters`).

Lost with the process, not shared with others, and bounded: when there are too many, the oldest are
forgotten. Fit for floods, not for guesses at what people choose or type. Guesses at client secrets
are counted here, and that will do: nobody guesses 256 bits at any pace, so the limit saves work.
"""

from collections import OrderedDict
from threading import Lock

from server.core.limits import Limit
from server.core.ports import Clock

_MOST_KEYS = 100_000  # about 20 MB; whoever fills it has shown more addresses than we can count


class QuickCounters:
    """Counts in fixed windows that begin with the first of each key."""

    def __init__(self, clock: Clock, most_keys: int = _MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        # Count and end of each window, in the order in which they began.
        self._windows: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def spent(self, limit: Limit, key: str) -> bool:
        """Tell whether nothing is left."""
        count, end = self._windows.get((limit.name, key), (0, 0.0))
        return count >= limit.amount and _runs(end, self._clock(), limit)

    def count(self, limit: Limit, key: str) -> bool:
        """Count one more; False when that is over the limit."""
        now = self._clock()
        with self._lock:
            count, end = self._windows.get((limit.name, key), (0, 0.0))
            if not _runs(end, now, limit):
                self._make_room((limit.name, key))
                count, end = 0, now + limit.seconds
            self._windows[limit.name, key] = (count + 1, end)
        return count < limit.amount

    def refund(self, limit: Limit, key: str) -> None:
        """Take one back that turned out not to count."""
        with self._lock:
            count, end = self._windows.get((limit.name, key), (0, 0.0))
            if count:
                self._windows[limit.name, key] = (count - 1, end)

    def _make_room(self, key: tuple[str, str]) -> None:
        """Forget the last window of a key, or the oldest of all when there are too many."""
        if self._windows.pop(key, None) is None and len(self._windows) >= self._most_keys:
            self._windows.popitem(last=False)


def _runs(end: float, now: float, limit: Limit) -> bool:
    # A window that seems to end too late was begun before the clock was set back.
    return now < end <= now + limit.seconds
