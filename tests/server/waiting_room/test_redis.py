"""The waiting room of many hosts."""

import logging
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from server.core.polling import Pace, keep_pace
from server.waiting_room.local import LocalWaitingRoom
from server.waiting_room.redis import RedisWaitingRoom
from tests.server.waiting_room.devices import INTERVAL, LONG, NOW, device
from tests.server.waiting_room.running_redis import RunningRedis

MakeRoom = Callable[[], RedisWaitingRoom]
# Nothing listens there.
NOWHERE = "unix:///nowhere/redis.sock"


def listening(room: RedisWaitingRoom) -> RedisWaitingRoom:
    """Return the room as soon as it hears of wake-ups."""
    room._link.start()
    assert room._link.listening.wait(LONG)
    return room


@pytest.fixture
def new_room(redis: RunningRedis, request: pytest.FixtureRequest) -> Iterator[MakeRoom]:
    """Give a function that makes a room, as another host would."""
    prefix = f"{request.node.name}:"
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            closing(RedisWaitingRoom(redis.url, LocalWaitingRoom(), prefix))
        )


@pytest.fixture
def client(redis: RunningRedis) -> Iterator[Redis]:
    """Give a client that looks at what the rooms left in Redis."""
    with closing(Redis.from_url(redis.url)) as client:
        yield client


def test_two_hosts_keep_one_pace(new_room: MakeRoom) -> None:
    """A device keeps its pace whichever host it meets. TOK-05."""
    ours, theirs = new_room(), new_room()
    assert ours.poll(device(1), INTERVAL, NOW) is None
    assert theirs.poll(device(1), INTERVAL, NOW + 1) == 10
    assert ours.poll(device(1), INTERVAL, NOW + 10) is None


POLLS = st.lists(
    st.tuples(st.integers(1, 60), st.floats(-100, 100, allow_subnormal=False)), max_size=20
)


@settings(deadline=None)
@given(polls=POLLS, began=st.floats(0, 4e9), name=st.binary(min_size=32, max_size=32))
def test_one_rule_of_pace(
    redis: RunningRedis, polls: list[tuple[int, float]], began: float, name: bytes
) -> None:
    """The script in Redis answers every history of polls as `keep_pace` does. TOK-05."""
    times = list(accumulate((gap for _, gap in polls), initial=began))[1:]
    pace: Pace | None = None
    with (
        closing(Redis.from_url(redis.url)) as client,
        closing(RedisWaitingRoom(redis.url, LocalWaitingRoom(), prefix="one rule:")) as room,
    ):
        client.flushall()
        for (interval, _), now in zip(polls, times, strict=True):
            pace, early = keep_pace(pace, interval, now)
            assert room.poll(name, interval, now) == (pace.interval if early else None)
        assert room._link.working()


def test_each_key_expires_and_has_a_slot(new_room: MakeRoom, client: Redis) -> None:
    """A device costs one key, of one slot of a cluster, which goes away by itself. TOK-16."""
    client.flushall()
    new_room().poll(device(1), INTERVAL, NOW)
    (key,) = client.keys()
    assert isinstance(key, bytes)
    assert re.fullmatch(r"[^{}]*:\{[0-9a-f]{32}\}:pace", key.decode())
    assert 0 < client.ttl(key) <= 900


def test_garbage_in_a_key_is_forgotten(new_room: MakeRoom, client: Redis) -> None:
    """A key that holds no pace is as good as none. TOK-05."""
    client.flushall()
    room = new_room()
    room.poll(device(1), INTERVAL, NOW)
    (key,) = client.keys()
    client.set(key, "5 yesterday")
    assert room.poll(device(1), INTERVAL, NOW + 1) is None
    assert room.poll(device(1), INTERVAL, NOW + 2) == 10


def test_a_forgotten_script_is_sent_again(new_room: MakeRoom, client: Redis) -> None:
    """A Redis that has lost the script is given it again. TOK-05."""
    room = new_room()
    room.poll(device(1), INTERVAL, NOW)
    client.script_flush()
    assert room.poll(device(1), INTERVAL, NOW + 1) == 10
    assert room._link.working()


def test_woken_by_another_host(new_room: MakeRoom) -> None:
    """A decision on one host wakes the device that waits on another. LP-03."""
    ours, theirs = listening(new_room()), new_room()
    with ours.place(device(1), "tv") as place:
        theirs.wake(device(1))
        assert place
        assert place.wait(LONG)


def test_the_first_place_starts_listening(new_room: MakeRoom) -> None:
    """A host listens from its first place on. LP-03."""
    room = new_room()
    with room.place(device(1), "tv"):
        assert room._link.listening.wait(LONG)


def test_taken_over_by_another_host(new_room: MakeRoom) -> None:
    """A newer poll on one host ends the older one on another. LP-05."""
    ours, theirs = listening(new_room()), listening(new_room())
    with ours.place(device(1), "tv") as older, theirs.place(device(1), "tv") as newer:
        assert older
        assert newer
        assert (older.wait(LONG), newer.wait(0)) == (True, False)


def test_messages_may_be_late(new_room: MakeRoom) -> None:
    """Of two polls of one code the later one waits on, however late it hears of the other. LP-05.

    A wake-up is heeded even then.
    """
    room = listening(new_room())
    with room.place(device(1), "tv") as place:
        assert place
        room._unheard.add(device(1))  # as if our own message was on its way
        room._hear(b"t" + bytes(8) + device(1))
        assert not place.wait(0)
        room._hear(b"t" + room._origin + device(1))
        room._hear(b"t" + bytes(8) + device(1))
        assert place.wait(0)
        room._unheard.add(device(1))
        room._hear(b"w" + bytes(8) + device(1))
        assert place.wait(0)
    assert not room._unheard


def test_woken_once(new_room: MakeRoom) -> None:
    """What wakes a place at once does not wake it again by way of Redis. LP-03."""
    ours, theirs = listening(new_room()), new_room()
    with ours.place(device(1), "tv") as place, ours.place(device(2), "tv") as later:
        assert place
        assert later
        ours.wake(device(1))
        assert place.wait(LONG)
        theirs.wake(device(2))
        assert later.wait(LONG)  # messages keep their order: the first one has come, too
        assert not place.wait(0)


def test_other_prefixes_are_other_rooms(redis: RunningRedis, new_room: MakeRoom) -> None:
    """Servers with prefixes of their own may use one Redis. TOK-05."""
    new_room().poll(device(1), INTERVAL, NOW)
    with closing(RedisWaitingRoom(redis.url, LocalWaitingRoom(), "another:")) as another:
        assert another.poll(device(1), INTERVAL, NOW) is None


def test_lost_and_found(
    redis: RunningRedis, new_room: MakeRoom, caplog: pytest.LogCaptureFixture
) -> None:
    """When Redis dies under held polls all goes on, and mends itself once it is back. LP-06."""
    ours, theirs = listening(new_room()), listening(new_room())
    with caplog.at_level(logging.WARNING), ours.place(device(1), "tv") as place:
        assert place
        redis.kill()
        told = [room.poll(device(1), INTERVAL, NOW) for room in (ours, theirs, ours, theirs)]
        assert told == [None, None, 10, 10]  # each on its own
        assert (ours.healthy(), theirs.healthy()) == (False, False)
        theirs.wake(device(1))
        assert not place.wait(0)
        redis.start()
        listening(ours).wake(device(2))
        listening(theirs).wake(device(1))
        assert place.wait(LONG)
        assert (ours.healthy(), theirs.healthy()) == (True, True)
    assert ours.poll(device(3), INTERVAL, NOW) is None
    assert theirs.poll(device(3), INTERVAL, NOW + 1) == 10
    told_of = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert sorted(told_of) == ["Redis is back", "Redis is back", "Redis is gone", "Redis is gone"]


def test_a_redis_that_hangs(redis: RunningRedis) -> None:
    """Only who finds out waits for a Redis that hangs; all others are answered at once. LP-06."""
    with closing(RedisWaitingRoom(redis.hasty_url, LocalWaitingRoom(), "hang:")) as room:
        listening(room)
        redis.process.send_signal(signal.SIGSTOP)
        try:
            told = [room.poll(device(number), INTERVAL, NOW) for number in range(1000)]
            assert told == [None] * 1000
            assert room.poll(device(1), INTERVAL, NOW) == 10
        finally:
            redis.process.send_signal(signal.SIGCONT)
        listening(room)


@pytest.fixture
def silence() -> Iterator[str]:
    """Give the URL of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(params=["nowhere", "silence"])
def no_redis(request: pytest.FixtureRequest) -> str:
    """Give the URL of what is no Redis."""
    return NOWHERE if request.param == "nowhere" else str(request.getfixturevalue("silence"))


def test_there_was_never_a_redis(no_redis: str) -> None:
    """Without Redis from the start, pace is kept and devices of this process are woken. LP-06."""
    with closing(RedisWaitingRoom(no_redis, LocalWaitingRoom())) as room:
        assert room.poll(device(1), INTERVAL, NOW) is None
        assert room.poll(device(1), INTERVAL, NOW) == 10
        with room.place(device(1), "tv") as place:
            room.wake(device(1))
            assert place
            assert place.wait(LONG)
        assert not room.healthy()


def test_bounded_without_redis() -> None:
    """Places are bounded in each process, with Redis or without. LP-06."""
    with (
        closing(RedisWaitingRoom(NOWHERE, LocalWaitingRoom(held_polls=1))) as room,
        room.place(device(1), "tv"),
        room.place(device(2), "tv") as second,
    ):
        assert second is None


def test_passwords_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What is logged of a lost Redis does not hold its password. LO-01."""
    url = "redis://:correct-horse@127.0.0.1:1/0"
    with closing(RedisWaitingRoom(url, LocalWaitingRoom())) as room:
        room.poll(device(1), INTERVAL, NOW)
    assert "correct-horse" not in caplog.text
    assert "Redis is gone" in caplog.text
