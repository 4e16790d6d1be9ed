"""The waiting room of one host."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.polling import LONGEST_INTERVAL, SLACK
from server.waiting_room.local import LocalWaitingRoom

NOW = 1_800_000_000.0
INTERVAL = 5


def device(number: int) -> bytes:
    """Return the digest of a device's code."""
    return sha256(number.to_bytes(8)).digest()


@pytest.fixture
def room() -> LocalWaitingRoom:
    """Give an empty waiting room of the usual size."""
    return LocalWaitingRoom()


def test_the_first_poll_is_in_time(room: LocalWaitingRoom) -> None:
    """A device may poll as soon as it has its code. TOK-04."""
    assert room.poll(device(1), INTERVAL, NOW) is None


@pytest.mark.parametrize(
    ("gap", "answer"), [(0, 10), (4.4, 10), (4.5, None), (5, None), (60, None)]
)
def test_the_pace_is_kept(room: LocalWaitingRoom, gap: float, answer: int | None) -> None:
    """A poll before the interval, less some slack, is told the next one. TOK-05."""
    room.poll(device(1), INTERVAL, NOW)
    assert room.poll(device(1), INTERVAL, NOW + gap) == answer


def test_the_interval_grows(room: LocalWaitingRoom) -> None:
    """Every early poll adds five seconds for good, up to a minute. TOK-05."""
    room.poll(device(1), INTERVAL, NOW)
    told = [room.poll(device(1), INTERVAL, NOW + 1) for _ in range(12)]
    assert told == [*range(10, 61, 5), LONGEST_INTERVAL]


def test_a_device_that_obeys_gets_through(room: LocalWaitingRoom) -> None:
    """After slow_down, the new interval since the last good poll is enough. TOK-05."""
    room.poll(device(1), INTERVAL, NOW)
    assert room.poll(device(1), INTERVAL, NOW + 1) == 10
    assert room.poll(device(1), INTERVAL, NOW + 11) is None
    assert room.poll(device(1), INTERVAL, NOW + 17) == 15


def test_devices_do_not_disturb_each_other(room: LocalWaitingRoom) -> None:
    """Each device has a pace of its own. TOK-05."""
    assert [room.poll(device(number), INTERVAL, NOW) for number in range(500)] == [None] * 500


def test_a_collision_only_forgets() -> None:
    """Where two devices share a slot, the later poll forgets the other's pace. TOK-16."""
    room = LocalWaitingRoom(slots=1)
    room.poll(device(1), INTERVAL, NOW)
    assert room.poll(device(2), INTERVAL, NOW) is None
    assert room.poll(device(1), INTERVAL, NOW + 1) is None


@pytest.mark.parametrize("back", [1, 86400])
def test_a_clock_set_back_forgives(room: LocalWaitingRoom, back: float) -> None:
    """A clock that was set back makes nobody wait for it. STM-14."""
    room.poll(device(1), INTERVAL, NOW)
    assert room.poll(device(1), INTERVAL, NOW - back) is None


def test_the_largest_interval_fits(room: LocalWaitingRoom) -> None:
    """The longest interval that can be set is kept like any other. DAE-20."""
    room.poll(device(1), LONGEST_INTERVAL, NOW)
    assert room.poll(device(1), LONGEST_INTERVAL, NOW + 1) == LONGEST_INTERVAL


def test_its_size_does_not_grow(room: LocalWaitingRoom) -> None:
    """However many devices wait, the table is as large as before. TOK-16."""
    before = len(room._table)
    for number in range(1000):
        room.poll(device(number), INTERVAL, NOW)
    assert len(room._table) == before


@given(
    polls=st.lists(st.tuples(st.integers(1, 4), st.floats(0, 30)), min_size=1, max_size=40),
    slots=st.integers(1, 3),
)
def test_nobody_is_slowed_down_by_mistake(polls: list[tuple[int, float]], slots: int) -> None:
    """Whoever else polls, a device that keeps what it was told is never told more. TOK-05."""
    room, now = LocalWaitingRoom(slots), NOW
    last: dict[int, float] = {}
    told = dict.fromkeys(range(1, 5), INTERVAL)
    for number, gap in polls:
        now += gap
        slower = room.poll(device(number), INTERVAL, now)
        if slower is not None:
            assert now - last[number] < told[number] - SLACK
            told[number] = slower
        last[number] = now


@given(st.lists(st.floats(0, 60), max_size=30))
def test_without_collisions_every_hasty_poll_is_told(gaps: list[float]) -> None:
    """A poll too soon after the last good one is always told so. TOK-05."""
    room, now, interval, good = LocalWaitingRoom(), NOW, INTERVAL, -1.0
    for gap in gaps:
        now += gap
        hasty = good >= 0 and now - good < interval - SLACK
        slower = room.poll(device(1), INTERVAL, now)
        assert (slower is not None) is hasty
        interval, good = (slower, good) if slower is not None else (interval, now)


def test_threads_may_poll_at_once(room: LocalWaitingRoom) -> None:
    """Polls of many devices in many threads each keep their pace. STM-01."""
    with ThreadPoolExecutor(16) as pool:
        first = list(pool.map(lambda n: room.poll(device(n), INTERVAL, NOW), range(400)))
        second = list(pool.map(lambda n: room.poll(device(n), INTERVAL, NOW + 1), range(400)))
    assert (set(first), second.count(10) > 390) == ({None}, True)
