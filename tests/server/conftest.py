"""A whole Pairlight on a real SQLite database, with a clock that tests move."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import Application, build
from server.config import make
from tests.fakes import FakeClock
from tests.server.stage import DOORS, Stage


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
    """Give a registered device and a person, through the door that servers run."""
    return Stage(application, clock, "front door")


@pytest.fixture(params=DOORS)
def any_stage(application: Application, clock: FakeClock, request: pytest.FixtureRequest) -> Stage:
    """Give the same through each door in turn."""
    return Stage(application, clock, request.param)
