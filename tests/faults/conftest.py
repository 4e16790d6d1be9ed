"""Databases to do harm to, of each backend in turn."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from server.app import Application, build
from server.config import make
from tests.fakes import FakeClock
from tests.server.stage import Stage

NewDatabase = Callable[[], str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewDatabase]:
    """Give a way to get the URL of an empty database."""
    if request.param == "sqlite":
        directory, numbers = tmp_path_factory.mktemp("faults"), count()
        yield lambda: f"sqlite:///{directory}/{next(numbers)}.db"
        return
    postgresql = request.getfixturevalue("postgresql")
    with ExitStack() as dropped:
        yield lambda: str(postgresql.url(dropped.enter_context(postgresql.database())))


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def application(tmp_path: Path, clock: FakeClock) -> Iterator[Application]:
    """Give everything put together, on an empty database."""
    application = build(make(database=f"sqlite:///{tmp_path}/pairlight.db"), clock)
    yield application
    application.close()


@pytest.fixture
def stage(application: Application, clock: FakeClock) -> Stage:
    """Give a registered device and a person, with limits as they come."""
    return Stage(application, clock, "front door")
