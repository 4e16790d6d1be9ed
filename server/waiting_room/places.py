"""The places of one process, where held polls wait. Bounded, and nobody queues for one."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator


class Place:
    """Where one held poll waits. A wake-up is kept until it is waited for."""

    __slots__ = ("_asleep", "_taken_over", "client_id", "mark", "spot")

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.spot = 0  # where the shared table has the stamps of this device
        self.mark: int | None = None  # the last one that this place knows of
        self._asleep = threading.Lock()  # open once for each wake-up; cheaper than an Event
        self._asleep.acquire()
        self._taken_over = False

    def wait(self, seconds: float) -> bool:
        """Sleep until woken (True) or until the time is up (False)."""
        woken = self._asleep.acquire(timeout=min(max(seconds, 0), threading.TIMEOUT_MAX))
        if self._taken_over:
            self.wake()  # for good: every later wait is over at once, too
        return woken

    def wake(self) -> None:
        """End one wait: this one, or the next."""
        with contextlib.suppress(RuntimeError):  # woken already
            self._asleep.release()

    def take_over(self) -> None:
        """End every wait: a newer poll of the same device has come (CIBA Core 10.1)."""
        self._taken_over = True
        self.wake()


class Places:
    """One place for each device code, bounded in all and for each client."""

    def __init__(self, bound: int, bound_per_client: int) -> None:
        self.occupied = threading.Event()  # set while any place is taken, and once closed
        self.closed = False
        self._bound = bound
        self._bound_per_client = bound_per_client
        self._lock = threading.Lock()
        self._places: dict[bytes, Place] = {}
        self._taken_by: Counter[str] = Counter()

    @contextlib.contextmanager
    def hold(self, device_code_digest: bytes, client_id: str) -> Iterator[Place | None]:
        """Hold a place until the block ends; None when there is none left."""
        place = self._take(device_code_digest, client_id)
        try:
            yield place
        finally:
            if place:
                self._leave(device_code_digest, place)

    def wake(self, device_code_digest: bytes, mark: int | None = None) -> None:
        """Wake whoever waits for this code in this process."""
        place = self._places.get(device_code_digest)
        if place:
            place.mark = mark or place.mark
            place.wake()

    def all(self) -> list[tuple[bytes, Place]]:
        """Return every place taken, with its code."""
        with self._lock:
            return list(self._places.items())

    def close(self) -> None:
        """Tell whoever waits for `occupied` that no more is to come."""
        with self._lock:
            self.closed = True
            self.occupied.set()

    def _take(self, device_code_digest: bytes, client_id: str) -> Place | None:
        with self._lock:
            older = self._remove(device_code_digest)
            place = None
            if (
                len(self._places) < self._bound
                and self._taken_by[client_id] < self._bound_per_client
            ):
                place = self._places[device_code_digest] = Place(client_id)
                self._taken_by[client_id] += 1
                self.occupied.set()
        if older:
            older.take_over()
        return place

    def _leave(self, device_code_digest: bytes, place: Place) -> None:
        with self._lock:
            if self._places.get(device_code_digest) is place:
                self._remove(device_code_digest)
                if not (self._places or self.closed):
                    self.occupied.clear()

    def _remove(self, device_code_digest: bytes) -> Place | None:
        place = self._places.pop(device_code_digest, None)
        if place:
            self._taken_by[place.client_id] -= 1
            if not self._taken_by[place.client_id]:
                del self._taken_by[place.client_id]
        return place
