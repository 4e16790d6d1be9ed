"""Polls that wait for the person (RFC 7240, by the rules of CIBA Core 10.1)."""

import hashlib
from base64 import urlsafe_b64encode
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.app import build
from server.config import make
from server.core.authorization_server import DEVICE_CODE
from server.endpoints.form import patience
from tests.fakes import FakeClock
from tests.server.proving_device import ProvingDevice
from tests.server.stage import CLIENT_ID, Stage

VERIFIER = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Holder:
    """A device that asks to be held, in a thread of its own."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = stage
        self.codes = stage.start(code_challenge=CHALLENGE, code_challenge_method="S256")
        self.held = Event()
        self._pool = ThreadPoolExecutor(8)
        find = stage.server.ports.device_authorizations.standing
        calls: list[bytes] = []

        def find_and_tell(digest: bytes) -> Any:
            # The second look of a poll is the one with its place taken.
            found = find(digest)
            calls.append(digest)
            if len(calls) >= 2:
                self.held.set()
            return found

        monkeypatch.setattr(stage.server.ports.device_authorizations, "standing", find_and_tell)

    def poll(
        self, wait: str = "wait=30", proof: str | None = None, **form: str
    ) -> Future[TestResponse]:
        """Poll and ask to be held; return the answer to come."""
        parameters = {
            "grant_type": DEVICE_CODE,
            "device_code": self.codes["device_code"],
            "client_id": CLIENT_ID,
            "code_verifier": VERIFIER,
            **form,
        }
        headers = {"Prefer": wait, **({} if proof is None else {"DPoP": proof})}
        return self._pool.submit(self.stage.post, "/token", parameters, headers)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()


@pytest.fixture
def holder(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a device that can be held."""
    holder = Holder(stage, monkeypatch)
    yield holder
    holder.close()


def test_without_the_preference_a_poll_is_answered_at_once(any_stage: Stage) -> None:
    """Plain RFC 8628 for everyone who does not ask for more. LP-01."""
    response = any_stage.poll(any_stage.start()["device_code"])
    assert (response.json or {})["error"] == "authorization_pending"
    assert "Preference-Applied" not in response.headers


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=1", 1),
        ("wait=25", 25),
        ("respond-async, WAIT=10; x=y", 10),
        ('wait="7"', 7),
        ("wait=600", 30),
        ("wait=0", None),
        ("wait=-1", None),
        ("wait=x", None),
        ("wait=1e99", None),
        ("wait", None),
        ("waiter=5", None),
    ],
)
def test_the_wait_is_bounded_and_what_is_malformed_is_ignored(
    prefer: str, seconds: int | None
) -> None:
    """At most 30 seconds, and only a whole positive number of them. LP-02."""
    found = patience(prefer)
    assert (found and found.seconds) == seconds


def test_approval_releases_a_held_poll_with_the_tokens(holder: Holder) -> None:
    """The answer comes with the decision and says that we waited. LP-02, LP-03."""
    answer = holder.poll()
    assert holder.held.wait(20)
    holder.stage.approve(holder.codes["user_code"])
    response = answer.result(20)
    assert response.status_code == 200
    assert response.headers["Preference-Applied"] == "wait=30"


def test_denial_releases_a_held_poll(holder: Holder) -> None:
    """The device hears access_denied as soon as the person has decided. LP-03."""
    answer = holder.poll()
    assert holder.held.wait(20)
    holder.stage.deny(holder.codes["user_code"])
    assert (answer.result(20).json or {})["error"] == "access_denied"


def test_a_hold_ends_with_authorization_pending(holder: Holder) -> None:
    """When the time is up without a decision, the answer is the plain one. LP-02."""
    response = holder.poll("wait=1").result(20)
    assert (response.json or {})["error"] == "authorization_pending"
    assert response.headers["Preference-Applied"] == "wait=1"


def test_an_early_poll_is_not_held(holder: Holder) -> None:
    """A device must keep its pace even if it would wait: slow_down comes at once. TOK-05, LP-05."""
    holder.poll("wait=1").result(20)
    response = holder.poll().result(20)
    assert (response.json or {})["error"] == "slow_down"
    assert "Preference-Applied" not in response.headers


def test_a_poll_after_a_long_hold_is_in_time(holder: Holder) -> None:
    """The interval counts from when the held request was sent. LP-04."""
    holder.poll("wait=1").result(20)
    holder.stage.clock.advance(5)
    assert (holder.poll("wait=1").result(20).json or {})["error"] == "authorization_pending"


def test_a_newer_poll_ends_the_older(holder: Holder) -> None:
    """One held request for each code: the older one is answered with pending. LP-05."""
    older = holder.poll()
    assert holder.held.wait(20)
    holder.stage.clock.advance(5)
    newer = holder.poll("wait=1")
    assert (older.result(20).json or {})["error"] == "authorization_pending"
    assert (newer.result(20).json or {})["error"] == "authorization_pending"


def test_a_device_without_a_verifier_is_not_held(any_stage: Stage) -> None:
    """What it was issued over a lost connection could not be asked for again. LP-07."""
    code = any_stage.start()["device_code"]
    form = {"grant_type": DEVICE_CODE, "device_code": code, "client_id": CLIENT_ID}
    response = any_stage.post("/token", form, {"Prefer": "wait=30"})
    assert (response.json or {})["error"] == "authorization_pending"
    assert "Preference-Applied" not in response.headers


def test_a_code_that_was_issued_to_a_lost_connection_is_not_burnt(holder: Holder) -> None:
    """The holder of the verifier asks again within a minute and gets new tokens. LP-07, STM-10."""
    lost = holder.poll()
    assert holder.held.wait(20)
    holder.stage.approve(holder.codes["user_code"])
    first = lost.result(20).json or {}
    second = holder.poll().result(20)
    assert second.status_code == 200
    refused = holder.stage.refresh(first["refresh_token"]).json or {}
    assert refused["error"] == "invalid_grant"
    assert holder.stage.refresh((second.json or {})["refresh_token"]).status_code == 200


def test_after_a_minute_nobody_can_ask_again(holder: Holder) -> None:
    """A redeemed code is invalid_grant then, and its grant ends. STM-10, TOK-09."""
    holder.stage.approve(holder.codes["user_code"])
    tokens = holder.poll().result(20).json or {}
    holder.stage.clock.advance(60)
    assert (holder.poll().result(20).json or {})["error"] == "invalid_grant"
    refused = holder.stage.refresh(tokens["refresh_token"]).json or {}
    assert refused["error"] == "invalid_grant"


def test_only_the_verifier_can_ask_again(holder: Holder) -> None:
    """Without it, and with a wrong one, the tokens stay with the device that has them. STM-10."""
    holder.stage.approve(holder.codes["user_code"])
    tokens = holder.poll().result(20).json or {}
    for verifier in ("", "x" * 43):
        answer = holder.poll(code_verifier=verifier).result(20).json or {}
        assert answer["error"] == "invalid_grant"
    assert holder.stage.refresh(tokens["refresh_token"]).status_code == 200


def test_a_held_poll_with_a_proof_gets_bound_tokens(holder: Holder) -> None:
    """The proof is looked at before the wait, so that a long hold does not age it. LP-03, DP-04."""
    device = ProvingDevice(holder.stage)
    answer = holder.poll(proof=device.proof())
    assert holder.held.wait(20)
    holder.stage.clock.advance(400)
    holder.stage.approve(holder.codes["user_code"])
    tokens = answer.result(20).json or {}
    assert tokens["token_type"] == "DPoP"
    assert device.userinfo(tokens["access_token"]).status_code == 200


def test_a_poll_with_a_bad_proof_is_not_held(holder: Holder) -> None:
    """The device hears at once what is wrong, and that it was not held. LP-02, DP-02."""
    proof = ProvingDevice(holder.stage).proof("/device_authorization")
    response = holder.poll(proof=proof).result(20)
    assert (response.json or {})["error"] == "invalid_dpop_proof"
    assert "Preference-Applied" not in response.headers


def test_each_held_poll_has_a_proof_of_its_own(holder: Holder) -> None:
    """Held polls follow each other with new proofs; an early one is slow_down. LP-04, DP-04."""
    device = ProvingDevice(holder.stage)
    for gap, error in (
        (0, "authorization_pending"),
        (5, "authorization_pending"),
        (1, "slow_down"),
    ):
        holder.stage.clock.advance(gap)
        answer = holder.poll("wait=1", proof=device.proof()).result(20).json or {}
        assert answer["error"] == error


def test_over_the_bound_a_poll_is_answered_at_once(tmp_path: Path, clock: FakeClock) -> None:
    """No place left: the plain answer, and no word of the preference. LP-06."""
    application = build(make(database=f"sqlite:///{tmp_path}/p.db", held_polls=1), clock)
    stage = Stage(application, clock, "front door")
    codes = stage.start(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"], "client_id": CLIENT_ID}
    with stage.server.ports.waiting_room.place(b"another device's code digest ...", "tv"):
        response = stage.post("/token", {**form, "code_verifier": VERIFIER}, {"Prefer": "wait=30"})
    assert (response.json or {})["error"] == "authorization_pending"
    assert "Preference-Applied" not in response.headers
    application.close()
