"""Scenes on a database that others use at the same time, or that somebody was killed over."""

import os
import threading
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from werkzeug.test import Client

from server.app import Application, build
from server.config import Config, make
from server.core.authorization_server import DEVICE_CODE
from server.core.records import DeviceAuthorization, Grant
from server.core.tokens import digest
from server.storage.database import Database, open_database
from server.storage.schema import grants
from tests.fakes import FakeClock
from tests.server.stage import Stage

NOW = 1_800_000_000.0
DAY = 86400.0
PATIENCE = 60.0

# RFC 7636 Appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}

_PLENTY = 1_000_000
_NO_LIMITS = {
    "approvals_per_day": _PLENTY,
    "starts_per_address": _PLENTY,
    "starts_per_client": _PLENTY,
    "user_code_misses": _PLENTY,
    "user_code_misses_per_account": _PLENTY,
    "user_code_misses_per_address": _PLENTY,
    "allow_weak_user_codes": True,
}


def count(name: str, default: int) -> int:
    """Return how often, from the environment; the default suits a test run on every change."""
    return int(os.environ.get(name, default))


def unlimited(url: str, **settings: Any) -> Config:
    """Return a configuration under which no honest number of tries is too many."""
    return make(database=url, secret="made-up-" * 4, **{**_NO_LIMITS, **settings})


class Scene(Stage):
    """A stage that was furnished before."""

    def __init__(self, application: Application, clock: FakeClock) -> None:
        self.application = application
        self.server = application.server
        self.clock = clock
        self.http = Client(application.wsgi, use_cookies=False)
        # Not to be set by configuration, and no subject here.
        limits = self.server.limits
        for name in ("unknown_codes", "passwords_here", "passwords_of_address"):
            setattr(limits, name, getattr(limits, name)._replace(amount=_PLENTY))

    def find(self, device_code: str) -> DeviceAuthorization | None:
        """Return what the store holds of a device authorization, if it does."""
        return self.server.ports.device_authorizations.find_by_device_code(digest(device_code))

    def record(self, device_code: str) -> DeviceAuthorization:
        """Return what the store holds of a device authorization."""
        found = self.find(device_code)
        assert found is not None
        return found

    def grants(self) -> dict[str, Grant]:
        """Return every grant in the store by its id, dead ones included."""
        with self.application.database.reading() as connection:
            rows = connection.execute(select(grants)).all()
        return {grant.grant_id: grant for grant in map(Grant._make, rows)}

    def living(self) -> set[str]:
        """Return the ids of the grants that live."""
        return {grant.grant_id for grant in self.grants().values() if grant.revoked_at is None}

    def close(self) -> None:
        """Leave the database."""
        self.application.close()


_building = threading.Lock()  # Alembic migrates once at a time in a process


def furnish(url: str, **settings: Any) -> Scene:
    """Make a database with the people ada and ben, and the clients tv and radio."""
    clock = FakeClock(NOW)
    application = _built(unlimited(url, **settings), clock)
    stage = Stage(application, clock, "front door")
    stage.add_account("ben")
    stage.register("radio", grant_types=(DEVICE_CODE, "refresh_token"))
    return Scene(application, clock)


def enter(url: str, clock: FakeClock | None = None) -> Scene:
    """Start the application on a database that is furnished."""
    clock = clock or FakeClock(NOW)
    return Scene(_built(unlimited(url), clock), clock)


def _built(config: Config, clock: FakeClock) -> Application:
    with _building, patch("server.app.open_database", _patient):
        return build(config, clock)


def _patient(url: str) -> Database:
    # A server gives up on a turn after seconds, which is no answer to who wins a race: on a slow
    # disk the last of hundreds waits longer.
    return open_database(url, PATIENCE)
