"""What was asked of the issuer, kept for a while and by all threads."""

import logging
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from server.resource.fetching import Unavailable

FRESH_FOR = 300  # seconds
PAUSE = 30  # seconds between two attempts that something else than age asks for
_PAUSE_AT_START = 5  # seconds between two attempts while nothing is known

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Kept(Generic[T]):
    """One thing of the issuer's. One thread asks for it; the others go on with the old one."""

    def __init__(self, ask: Callable[[], T], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._alone = Lock()
        self._value: T | None = None
        self._asked = 0  # how often
        self._due = 0.0
        self._renewed_at = 0.0

    def get(self) -> T:
        """Return it, asking for it when it is old. Raises Unavailable if none is known."""
        asked = self._asked
        if self._is_due() and self._alone.acquire(blocking=self._value is None):
            try:
                if asked == self._asked:  # nobody did while we waited
                    self._try()
            finally:
                self._alone.release()
        return self._known()

    def renewed(self, old: T) -> T:
        """Return a newer one than the one that did not do. Raises Unavailable.

        It is asked for before its time, unless that was done just now.
        """
        with self._alone:
            if self._value is old:
                self._renew()
        return self._known()

    def _renew(self) -> None:
        left = self._renewed_at + PAUSE - self._clock()
        if 0 < left <= PAUSE:
            raise Unavailable("it was asked just now", left)
        self._renewed_at = self._clock()
        if not self._try():
            raise Unavailable("it cannot be asked now", PAUSE)

    def _is_due(self) -> bool:
        return not 0 < self._due - self._clock() <= FRESH_FOR  # a clock may be set back, too

    def _try(self) -> bool:
        try:
            self._value = self._ask()
            pause = FRESH_FOR
        except Unavailable as error:
            _log.warning("the issuer cannot be asked: %s", error)
            pause = _PAUSE_AT_START if self._value is None else PAUSE
        self._due = self._clock() + pause
        self._asked += 1
        return pause == FRESH_FOR

    def _known(self) -> T:
        if self._value is None:
            raise Unavailable("nothing is known of it yet", _PAUSE_AT_START)
        return self._value
