"""The waiting room of one host: one process, or several that share a file."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.core.polling import keep_pace
from server.waiting_room.places import Place, Places
from server.waiting_room.shared_table import SLOTS, SharedTable, is_stamp_of

_HELD_POLLS = 1000
_LOOK_EVERY = 0.005  # seconds; how late a wake-up from another process may come
_REST = 20  # times as long as a look took: one in thousands of places costs processor time

_log = logging.getLogger("pairlight.waiting_room")


class LocalWaitingRoom:
    """Keeps pace and wakes devices: in this process, and through `path` in all that share it.

    A file that cannot be used is told once; this process then waits on its own.
    """

    def __init__(
        self,
        path: Path | None = None,
        held_polls: int = _HELD_POLLS,
        held_polls_per_client: int | None = None,
        slots: int = SLOTS,
    ) -> None:
        per_client = max(held_polls * 4 // 5, 1)
        self._places = Places(
            held_polls, per_client if held_polls_per_client is None else held_polls_per_client
        )
        self._table, self._shared = _table(path, slots)
        self._healthy = self._shared or path is None
        self._starting = threading.Lock()
        self._watcher: threading.Thread | None = None

    def poll(self, device_code_digest: bytes, interval: int, now: float) -> int | None:
        """Note a poll; return None when it came in time, else the new interval to keep."""
        previous = self._table.pace(device_code_digest)
        pace, early = keep_pace(previous, interval, now)
        self._table.keep(device_code_digest, pace)
        return pace.interval if early else None

    @contextmanager
    def place(self, device_code_digest: bytes, client_id: str) -> Iterator[Place | None]:
        """Hold a place for one poll until the block ends; None when there is none left."""
        with self._places.hold(device_code_digest, client_id) as place:
            if place and self._shared:
                place.spot = self._table.spot(device_code_digest)
                place.mark = self._table.stamp(device_code_digest)  # ends older ones elsewhere
                self._start_watcher()
            yield place

    def wake(self, device_code_digest: bytes) -> None:
        """Wake whoever waits for this code, in every process of this host."""
        mark = self._table.stamp(device_code_digest) if self._shared else None
        self._places.wake(device_code_digest, mark)

    def wake_here(self, device_code_digest: bytes) -> None:
        """Wake whoever waits for this code in this process alone."""
        self._places.wake(device_code_digest)

    def healthy(self) -> bool:
        """Tell whether the file, if there is to be one, is in use."""
        return self._healthy

    def close(self) -> None:
        """Stop watching the file. Whoever waits is not disturbed."""
        self._places.close()
        if self._watcher:
            self._watcher.join()

    def _start_watcher(self) -> None:
        with self._starting:
            if self._watcher is None or not self._watcher.is_alive():  # a fork leaves it behind
                self._watcher = threading.Thread(target=self._watch, name=__name__, daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        """Look for stamps of other processes, while anybody waits here."""
        words = self._table.words
        seen = None
        while self._places.occupied.wait() and not self._places.closed:
            began = time.thread_time()
            if words[0] != seen:
                seen = words[0]
                self._wake_stamped()
            time.sleep(max(_LOOK_EVERY, _REST * (time.thread_time() - began)))

    def _wake_stamped(self) -> None:
        words = self._table.words
        places = [found for found in self._places.all() if words[found[1].spot] != found[1].mark]
        for device_code_digest, place in places:
            if place.mark is not None:
                place.mark = words[place.spot]
                if is_stamp_of(place.mark, device_code_digest):
                    place.wake()


def _table(path: Path | None, slots: int) -> tuple[SharedTable, bool]:
    """Return the table, and whether other processes see it."""
    if path:
        try:
            return SharedTable(path, slots), True
        except OSError as error:
            _log.warning("waiting rooms cannot be shared by processes: %s", error)
    return SharedTable(None, slots), False
