"""The device asks for its codes."""

import hashlib
import itertools
from pathlib import Path

import pytest
from sqlalchemy import update

from server.app import build
from server.config import make
from server.core.tokens import SECRET_BYTES
from server.core.user_interaction import Refused
from server.storage.schema import clients
from tests.fakes import FakeClock
from tests.server.stage import Stage


class StuckEntropy:
    """Makes the same device code, and so user code, `repeats` times, and then fresh ones."""

    def __init__(self, repeats: int) -> None:
        self._repeats = repeats
        self._calls = itertools.count()

    def __call__(self, count: int, /) -> bytes:
        if count == SECRET_BYTES and self._repeats:
            self._repeats -= 1
            return bytes(SECRET_BYTES)
        return next(self._calls).to_bytes(count)


def stage_with(entropy: StuckEntropy, tmp_path: Path) -> Stage:
    """Return a stage whose randomness is not."""
    clock = FakeClock()
    application = build(make(database=f"sqlite:///{tmp_path}/p.db"), clock, entropy)
    return Stage(application, clock, "front door")


def test_a_taken_user_code_is_drawn_again(tmp_path: Path) -> None:
    """Two live requests never share a user code: a collision is tried again. DAE-10."""
    stage = stage_with(StuckEntropy(repeats=4), tmp_path)
    assert stage.start()["user_code"] != stage.start()["user_code"]
    stage.application.database.close()


def test_a_generator_that_only_collides_is_a_failure_of_ours(tmp_path: Path) -> None:
    """After five collisions the answer is 503, and no second row has the code. DAE-10."""
    stage = stage_with(StuckEntropy(repeats=6), tmp_path)
    stage.start()
    response = stage.post("/device_authorization", {"client_id": "tv"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert (response.json or {})["error"] == "temporarily_unavailable"
    stage.application.database.close()


@pytest.mark.parametrize(("age", "living"), [(599, True), (601, False)])
def test_both_codes_live_as_long_as_announced(stage: Stage, age: float, living: bool) -> None:
    """A second before expires_in both codes are good, a second after neither is. DAE-11."""
    codes = stage.start()
    stage.clock.advance(age)
    pending = stage.error(codes["device_code"]) == "authorization_pending"
    found = stage.server.claim(codes["user_code"], stage.session()) is not Refused.NOT_FOUND
    assert (pending, found) == (living, living)


def test_the_default_scope_is_settled_at_the_request(stage: Stage) -> None:
    """A client's registration that changes later does not change what was asked. DAE-15."""
    codes = stage.start()
    with stage.application.database.writing() as connection:
        connection.execute(update(clients).values(scope=""))
    stage.approve(codes["user_code"])
    assert (stage.poll(codes["device_code"]).json or {})["scope"] == "profile"


def test_the_announced_interval_is_the_enforced_one(tmp_path: Path) -> None:
    """Both come from one setting. DAE-20."""
    clock = FakeClock()
    config = make(database=f"sqlite:///{tmp_path}/p.db", poll_interval=12)
    stage = Stage(build(config, clock), clock, "front door")
    codes = stage.start()
    stage.poll(codes["device_code"])
    clock.advance(11)
    assert codes["interval"] == 12
    assert (stage.poll(codes["device_code"]).json or {})["interval"] == 17
    stage.application.database.close()


def test_codes_are_unlike_each_other(stage: Stage) -> None:
    """A hundred requests have a hundred device codes and user codes. COD-02."""
    answers = [stage.start() for _ in range(100)]
    assert len({answer["device_code"] for answer in answers}) == 100
    assert len({answer["user_code"] for answer in answers}) == 100


def test_the_database_holds_no_secret(stage: Stage, tmp_path: Path) -> None:
    """After a sign-in neither codes nor tokens, nor the bare hash of a user code, are in it.

    COD-04, COD-05.
    """
    codes = stage.start()
    stage.approve(codes["user_code"])
    tokens = stage.poll(codes["device_code"]).json or {}
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("pairlight.db*"))
    plain = codes["user_code"].replace("-", "")
    assert hashlib.sha256(codes["device_code"].encode()).digest() in stored
    assert hashlib.sha256(plain.encode()).digest() not in stored
    for secret in (codes["device_code"], codes["user_code"], plain, tokens["refresh_token"]):
        assert secret.encode() not in stored
