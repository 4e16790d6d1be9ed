"""Fixtures for the waiting room: rooms that share a file, and a Redis."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from server.waiting_room.local import LocalWaitingRoom
from tests.server.waiting_room.running_redis import RunningRedis

MakeRoom = Callable[[], LocalWaitingRoom]


@pytest.fixture
def shared_file(tmp_path: Path) -> Path:
    """Give the path of a file that rooms may share."""
    return tmp_path / "waiting-room"


@pytest.fixture
def new_room(shared_file: Path) -> Iterator[MakeRoom]:
    """Give a function that makes a room, as another process of this host would."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(LocalWaitingRoom(shared_file)))


@pytest.fixture(scope="module")
def redis(redis_server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRedis]:
    """Give a running Redis."""
    running = RunningRedis(redis_server, tmp_path_factory.mktemp("redis"))
    yield running
    running.kill()
