"""The places of one process."""

import contextlib
from queue import SimpleQueue
from threading import Semaphore, Thread

import pytest

from server.waiting_room.places import Places
from tests.server.waiting_room.devices import LONG, device

MANY = 2000


@pytest.fixture
def places() -> Places:
    """Give three places, of which one client may take two."""
    return Places(3, 2)


def test_nobody_is_woken_without_reason(places: Places) -> None:
    """A wait that nobody ends is over when its time is up. LP-02."""
    with places.hold(device(1), "tv") as place:
        assert place
        assert not place.wait(0.001)


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_is_no_wait(places: Places, seconds: float) -> None:
    """A wait for no time, or less, is over at once. LP-02."""
    with places.hold(device(1), "tv") as place:
        assert place
        assert not place.wait(seconds)


def test_a_wake_up_is_kept(places: Places) -> None:
    """A wake-up that comes before the wait ends it at once, and no other. LP-03."""
    with places.hold(device(1), "tv") as place:
        assert place
        places.wake(device(1))
        places.wake(device(1))
        assert (place.wait(LONG), place.wait(0)) == (True, False)


def test_a_wait_is_ended(places: Places) -> None:
    """A decision ends the wait of its device. LP-03."""
    taken, woken = Semaphore(0), SimpleQueue[bool]()

    def wait() -> None:
        with places.hold(device(1), "tv") as place:
            assert place
            taken.release()
            woken.put(place.wait(LONG))

    Thread(target=wait).start()
    taken.acquire()
    places.wake(device(1))
    assert woken.get(timeout=LONG)


def test_waking_nobody(places: Places) -> None:
    """A wake-up for a device that does not wait is nothing. LP-03."""
    with places.hold(device(1), "tv") as place:
        assert place
        places.wake(device(2))
        assert not place.wait(0)


def test_a_newer_poll_takes_over(places: Places) -> None:
    """A newer poll of the same code ends every wait of the older one, and waits itself. LP-05."""
    with places.hold(device(1), "tv") as older, places.hold(device(1), "tv") as newer:
        assert older
        assert newer
        assert (older.wait(LONG), older.wait(LONG), newer.wait(0)) == (True, True, False)


def test_the_older_poll_leaves_the_newer_one_alone(places: Places) -> None:
    """When the older poll leaves, the newer one keeps its place. LP-05."""
    older, newer = places.hold(device(1), "tv"), places.hold(device(1), "tv")
    older.__enter__()
    with newer as place:
        older.__exit__(None, None, None)
        places.wake(device(1))
        assert place
        assert place.wait(LONG)


def test_bounded(places: Places) -> None:
    """Past the bound there is no place, and nobody queues for one. LP-06."""
    with (
        places.hold(device(1), "tv"),
        places.hold(device(2), "tv"),
        places.hold(device(3), "box"),
        places.hold(device(4), "box") as place,
    ):
        assert place is None


def test_bounded_for_each_client(places: Places) -> None:
    """One client cannot take every place. LP-06."""
    with places.hold(device(1), "tv"), places.hold(device(2), "tv"):
        with places.hold(device(3), "tv") as third:
            assert third is None
        with places.hold(device(4), "box") as place:
            assert place


def test_a_full_room_takes_a_newer_poll(places: Places) -> None:
    """A newer poll needs no second place: it takes that of the older one. LP-05."""
    with (
        places.hold(device(1), "tv"),
        places.hold(device(2), "tv"),
        places.hold(device(3), "box"),
        places.hold(device(1), "tv") as place,
    ):
        assert place


def test_every_place_is_given_back(places: Places) -> None:
    """Places are given back, taken over or not, and nothing is kept of who held them. LP-06."""
    for number in range(10):
        with places.hold(device(number), "tv"), places.hold(device(number), "tv"):
            assert places.occupied.is_set()
    assert (places.all(), dict(places._taken_by)) == ([], {})
    assert not places.occupied.is_set()


def test_given_back_on_failure(places: Places) -> None:
    """A place is given back when its poll fails. LP-07."""
    for number in range(10):
        with contextlib.suppress(ConnectionError), places.hold(device(number), "tv") as place:
            assert place
            raise ConnectionError
    assert places.all() == []


def test_each_by_its_own_wake_up() -> None:
    """Thousands wait at once, and a wake-up reaches its own device alone. LP-06."""
    places, taken = Places(MANY, MANY), Semaphore(0)
    woken = SimpleQueue[tuple[int, bool]]()

    def wait(number: int) -> None:
        with places.hold(device(number), "tv") as place:
            assert place
            taken.release()
            woken.put((number, place.wait(LONG)))

    for number in range(MANY):
        Thread(target=wait, args=[number]).start()
    for _ in range(MANY):
        taken.acquire()
    for number in range(MANY):
        places.wake(device(number))
        assert woken.get(timeout=LONG) == (number, True)
