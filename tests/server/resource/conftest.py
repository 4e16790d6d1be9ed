"""Issuers on real sockets, made up and real, and an API that trusts one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import build
from server.config import make
from tests.fakes import FakeClock
from tests.journeys.running_portal import free_port
from tests.server.resource.played_issuer import AUDIENCE, FilmAPI, PlayedIssuer, listening
from tests.server.stage import Stage


@pytest.fixture
def issuer(clock: FakeClock) -> Iterator[PlayedIssuer]:
    """Give an issuer that listens."""
    issuer = PlayedIssuer(clock)
    with listening(issuer.app, issuer.port):
        yield issuer


@pytest.fixture
def api(issuer: PlayedIssuer, clock: FakeClock) -> FilmAPI:
    """Give an API that checks tokens by the issuer's keys."""
    return FilmAPI(issuer.url, clock)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Stage]:
    """Give a whole Pairlight for the API's tokens, at today's time, that does not listen yet."""
    issuer, database = f"http://localhost:{free_port()}", f"sqlite:///{tmp_path}/pairlight.db"
    clock = FakeClock(time.time())
    application = build(make(issuer=issuer, audience=AUDIENCE, database=database), clock)
    yield Stage(application, clock, "front door")
    application.close()


@pytest.fixture
def listening_portal(portal: Stage) -> Iterator[Stage]:
    """Give the same, listening."""
    port = int(portal.server.settings.issuer.rpartition(":")[2])
    with listening(portal.application.wsgi, port):
        yield portal
