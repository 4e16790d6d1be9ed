"""The waiting room of one host."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.polling import LONGEST_INTERVAL, SLACK
from server.waiting_room.local import LocalWaitingRoom
from tests.server.waiting_room.conftest import MakeRoom
from tests.server.waiting_room.devices import INTERVAL, LONG, NOW, device


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


@given(
    polls=st.lists(st.tuples(st.integers(1, 4), st.floats(0, 30)), min_size=1, max_size=40),
    slots=st.integers(1, 3),
)
def test_nobody_is_slowed_down_by_mistake(polls: list[tuple[int, float]], slots: int) -> None:
    """Whoever else polls, a device that keeps what it was told is never told more. TOK-05."""
    room, now = LocalWaitingRoom(slots=slots), NOW
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


def test_a_process_alone_watches_nothing(room: LocalWaitingRoom) -> None:
    """Without a file, wake-ups need no thread that looks for them. LP-03."""
    with room.place(device(1), "tv") as place:
        room.wake(device(1))
        assert place
        assert place.wait(LONG)
    assert (room._watcher, room.healthy()) == (None, True)


def test_four_fifths_for_one_client() -> None:
    """Unless told otherwise, one client may hold four fifths of all places. LP-06."""
    room = LocalWaitingRoom(held_polls=5)
    with (
        room.place(device(1), "tv"),
        room.place(device(2), "tv"),
        room.place(device(3), "tv"),
        room.place(device(4), "tv") as fourth,
        room.place(device(5), "tv") as fifth,
        room.place(device(6), "box") as another,
    ):
        assert (fourth is None, fifth is None, another is None) == (False, True, False)


def test_two_rooms_keep_one_pace(new_room: MakeRoom) -> None:
    """A device keeps its pace whichever process it meets. TOK-05."""
    ours, theirs = new_room(), new_room()
    ours.poll(device(1), INTERVAL, NOW)
    assert theirs.poll(device(1), INTERVAL, NOW + 1) == 10
    assert ours.poll(device(1), INTERVAL, NOW + 9) == 15


def test_woken_once(new_room: MakeRoom) -> None:
    """What wakes a place at once does not wake it again by way of the file. LP-03."""
    room = new_room()
    with room.place(device(1), "tv") as place:
        room.wake(device(1))
        room._wake_stamped()
        assert place
        assert (place.wait(LONG), place.wait(0)) == (True, False)


def test_a_neighbour_is_not_woken(shared_file: Path) -> None:
    """A wake-up does not reach another device that shares the slot. LP-05."""
    ours, theirs = LocalWaitingRoom(shared_file, slots=1), LocalWaitingRoom(shared_file, slots=1)
    with ours.place(device(1), "tv") as place:
        theirs.wake(device(2))
        ours._wake_stamped()
        assert place
        assert not place.wait(0)
    ours.close()


def test_waiting_goes_on_after_the_watcher_slept(new_room: MakeRoom) -> None:
    """The watcher sleeps while nobody waits, and is there for the next one. LP-03."""
    ours, theirs = new_room(), new_room()
    for _ in range(3):
        with ours.place(device(1), "tv") as place:
            theirs.wake(device(1))
            assert place
            assert place.wait(LONG)
        assert not ours._places.occupied.is_set()


def test_a_file_that_cannot_be_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without its file a room works on its own, says so once, and is not well. LP-06."""
    with caplog.at_level(logging.WARNING, "pairlight.waiting_room"):
        room = LocalWaitingRoom(tmp_path / "nowhere" / "waiting-room")
    assert (len(caplog.records), room.healthy()) == (1, False)
    room.poll(device(1), INTERVAL, NOW)
    assert room.poll(device(1), INTERVAL, NOW) == 10


def test_garbage_disturbs_nobody(shared_file: Path, new_room: MakeRoom) -> None:
    """Garbage written into the file ends no wait and slows nobody down. LP-05."""
    room = new_room()
    with room.place(device(1), "tv") as place:
        with shared_file.open("r+b") as file:
            file.write(os.urandom(shared_file.stat().st_size))
        room._wake_stamped()
        assert place
        assert not place.wait(0)
        assert room.poll(device(1), INTERVAL, NOW) is None
        new_room().wake(device(1))
        assert place.wait(LONG)


@contextmanager
def _in_another_process(
    work: Callable[[Path, Connection], None], path: Path
) -> Iterator[Connection]:
    """Let another process do `work`; give what it talks through, after its first word."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=work, args=(path, theirs), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "ready"
    yield ours
    process.join(LONG)
    assert process.exitcode == 0


def _poll_there(path: Path, lead: Connection) -> None:
    LocalWaitingRoom(path).poll(device(1), INTERVAL, NOW)
    lead.send("ready")


def _wait_there(path: Path, lead: Connection) -> None:
    with LocalWaitingRoom(path).place(device(1), "tv") as place:
        assert place
        lead.send("ready")
        lead.send(place.wait(LONG))


def test_the_pace_of_another_process(shared_file: Path, new_room: MakeRoom) -> None:
    """A poll that one process answered counts in another, and after it has ended. TOK-05."""
    with _in_another_process(_poll_there, shared_file):
        assert new_room().poll(device(1), INTERVAL, NOW + 1) == 10
    assert new_room().poll(device(1), INTERVAL, NOW + 1) == 15


def test_woken_in_another_process(shared_file: Path, new_room: MakeRoom) -> None:
    """A decision in one process wakes the device that waits in another. LP-03."""
    with _in_another_process(_wait_there, shared_file) as there:
        new_room().wake(device(1))
        assert there.recv() is True


def test_taken_over_by_another_process(shared_file: Path, new_room: MakeRoom) -> None:
    """A newer poll in one process ends the older one in another. LP-05."""
    with (
        _in_another_process(_wait_there, shared_file) as there,
        new_room().place(device(1), "tv") as place,
    ):
        assert there.recv() is True
        assert place
        assert not place.wait(0)
