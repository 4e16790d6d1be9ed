"""Tokens whose answer got lost are asked for again, by the holder of the verifier."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from server.core.authorization_server import DEVICE_CODE
from tests.server.proving_device import VERIFIER, WITH_CHALLENGE, error_of
from tests.server.stage import CLIENT_ID, Stage

THREADS = 16


class Redeemed:
    """A device that has redeemed its code."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        codes = stage.start(**WITH_CHALLENGE)
        stage.approve(codes["user_code"])
        self.code = codes["device_code"]
        self.tokens: dict[str, Any] = self.again().json or {}

    def again(self) -> Any:
        """Poll with the verifier."""
        return self.stage.poll(self.code, code_verifier=VERIFIER)

    def can_refresh(self) -> bool:
        """Tell whether the tokens of the first answer are good."""
        return self.stage.refresh(self.tokens["refresh_token"]).status_code == 200


@pytest.fixture
def redeemed(stage: Stage) -> Redeemed:
    """Give a device that has redeemed its code."""
    return Redeemed(stage)


@pytest.mark.parametrize("seconds", [0, 59.9])
def test_the_new_answer_replaces_the_lost_one(redeemed: Redeemed, seconds: float) -> None:
    """Within a minute there are new tokens, and those of the lost answer are dead. STM-10."""
    redeemed.stage.clock.advance(seconds)
    answer = redeemed.again()
    bearer = {"Authorization": f"Bearer {redeemed.tokens['access_token']}"}
    assert redeemed.stage.http.get("/userinfo", headers=bearer).status_code == 401
    assert error_of(redeemed.stage.refresh(redeemed.tokens["refresh_token"])) == "invalid_grant"
    new = (answer.json or {})["refresh_token"]
    assert redeemed.stage.refresh(new).status_code == 200


def test_the_minute_counts_from_the_first_answer(redeemed: Redeemed) -> None:
    """Asking again and again does not keep a used code alive. STM-10."""
    redeemed.stage.clock.advance(50)
    assert redeemed.again().status_code == 200
    redeemed.stage.clock.advance(10)
    assert error_of(redeemed.again()) == "invalid_grant"


def test_an_answer_that_was_used_was_not_lost(redeemed: Redeemed) -> None:
    """After a refresh the code is invalid_grant, and the device keeps its tokens. STM-10."""
    refreshed = redeemed.stage.refresh(redeemed.tokens["refresh_token"]).json or {}
    assert error_of(redeemed.again()) == "invalid_grant"
    assert redeemed.stage.refresh(refreshed["refresh_token"]).status_code == 200


@pytest.mark.parametrize("kind", ["refresh_token", "reissued"])
def test_what_was_revoked_stays_so(redeemed: Redeemed, kind: str) -> None:
    """A grant that was revoked on purpose does not come back with the code. RT-03, STM-10."""
    token = redeemed.tokens["refresh_token"]
    if kind == "reissued":
        token = (redeemed.again().json or {})["refresh_token"]
    form = {"client_id": CLIENT_ID, "token": token}
    assert redeemed.stage.post("/revoke", form).status_code == 200
    redeemed.stage.clock.advance(10)
    assert error_of(redeemed.again()) == "invalid_grant"


def test_a_clock_that_was_set_back_gives_no_second_chance(redeemed: Redeemed) -> None:
    """A code that was used in the future is invalid_grant, and its grant ends. STM-10."""
    redeemed.stage.clock.advance(-1)
    assert error_of(redeemed.again()) == "invalid_grant"
    assert not redeemed.can_refresh()


def test_of_many_at_once_one_answer_lives(stage: Stage) -> None:
    """Sixteen polls with the verifier at once leave one good set of tokens. STM-01, STM-10."""
    codes = stage.start(**WITH_CHALLENGE)
    stage.approve(codes["user_code"])
    start = Barrier(THREADS)
    form = {
        "client_id": CLIENT_ID,
        "grant_type": DEVICE_CODE,
        "device_code": codes["device_code"],
        "code_verifier": VERIFIER,
    }

    def poll(_: int) -> dict[str, Any]:
        start.wait()
        return dict(stage.post("/token", form).json or {})

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(poll, range(THREADS)))
    refused = {answer["error"] for answer in answers if "error" in answer}
    assert refused <= {"authorization_pending"}
    served = [answer for answer in answers if "access_token" in answer]
    living = [one for one in served if stage.refresh(one["refresh_token"]).status_code == 200]
    assert len(living) == 1
