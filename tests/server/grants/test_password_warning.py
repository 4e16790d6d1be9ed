"""Nobody uses the password grant without the log saying that it must end."""

from pathlib import Path

import pytest

from server.app import build
from server.config import make
from tests.fakes import FakeClock
from tests.server.stage import PASSWORD, Stage


def test_each_use_is_warned_of(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The log warns of each use, and names the client but not the password. RO-01, LO-01."""
    database = f"sqlite:///{tmp_path}/lax.db"
    application = build(make(database=database, allow_password_grant=True), clock)
    stage = Stage(application, clock, "front door")
    stage.register("old", grant_types=("password",), password_until=clock() + 1)
    form = {"grant_type": "password", "username": "ada", "client_id": "old"}
    stage.post("/token", {**form, "password": "wrong"})
    assert stage.post("/token", {**form, "password": PASSWORD}).status_code == 200
    application.close()
    warnings = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert warnings == ["old used the password grant, which is deprecated"]
