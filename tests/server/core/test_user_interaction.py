"""The person answers: claim, look, approve or deny."""

import pytest

from server.core.states import State
from tests.server.stage import Stage


def opened(stage: Stage) -> tuple[str, str]:
    """Start a request; return its device code and user code."""
    codes = stage.start()
    return codes["device_code"], codes["user_code"]


def test_the_request_shows_what_the_person_must_know(stage: Stage) -> None:
    """Client, scopes in words, the code, where from and since when. VER-02, VER-04, VER-05."""
    headers = {"User-Agent": "TV/1.0", "X-Forwarded-For": "203.0.113.9"}
    codes = stage.post("/device_authorization", {"client_id": "tv"}, headers).json or {}
    session = stage.session()
    reference = stage.server.claim(codes["user_code"], session) or ""
    found = stage.server.find_device_request(reference, session)
    assert found is not None
    assert (found.client_name, found.user_code) == ("The tv", codes["user_code"])
    assert found.scopes == ("See your name and username",)
    assert (found.user_agent, found.address) == ("TV/1.0", "127.0.0.1")
    assert (found.issued_at, found.state) == (stage.clock(), State.CLAIMED)


def test_a_claimed_request_is_nobody_elses(stage: Stage) -> None:
    """Another account can neither open, see, approve nor deny it. VER-15, CV-04, CV-05."""
    stage.add_account("eve")
    device_code, user_code = opened(stage)
    reference = stage.server.claim(user_code, stage.session()) or ""
    eve = stage.session("eve")
    assert stage.server.claim(user_code, eve) is None
    assert stage.server.find_device_request(reference, eve) is None
    assert stage.server.approve(reference, eve) is None
    assert stage.server.deny(reference, eve) is None
    assert stage.error(device_code) == "authorization_pending"


def test_the_same_person_may_go_on_in_another_browser(stage: Stage) -> None:
    """Entering the code again moves the request to that browser. COD-07, VER-24."""
    _, user_code = opened(stage)
    phone, laptop = stage.session(), stage.session()
    reference = stage.server.claim(user_code, phone) or ""
    assert stage.server.claim(user_code, laptop) == reference
    assert stage.server.approve(reference, phone) is None
    assert stage.server.approve(reference, laptop) is not None


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_a_decided_code_cannot_be_opened_again(stage: Stage, decision: str) -> None:
    """After approve or deny the code is like one that never was. VER-14."""
    _, user_code = opened(stage)
    getattr(stage, decision)(user_code)
    assert stage.server.claim(user_code, stage.session()) is None


def test_a_denial_cannot_be_taken_back(stage: Stage) -> None:
    """Deny, Back, Approve stays denied, and the page can say so. VER-14, CV-14."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.server.claim(user_code, session) or ""
    stage.server.deny(reference, session)
    after = stage.server.approve(reference, session)
    assert after is not None
    assert after.state is State.DENIED
    assert stage.error(device_code) == "access_denied"


def test_an_approval_cannot_be_denied_afterwards(stage: Stage) -> None:
    """The first decision stands. STM-05."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.server.claim(user_code, session) or ""
    stage.server.approve(reference, session)
    after = stage.server.deny(reference, session)
    assert after is not None
    assert after.state is State.APPROVED
    assert stage.poll(device_code).status_code == 200


def test_nothing_is_approved_unclaimed(stage: Stage) -> None:
    """Knowing the reference is not enough without having entered the code. LO-03."""
    device_code, user_code = opened(stage)
    reference = stage.server.claim(user_code, stage.session()) or ""
    other = stage.session()
    assert stage.server.approve(reference, other) is None
    assert stage.error(device_code) == "authorization_pending"


def test_a_late_approval_resurrects_nothing(stage: Stage) -> None:
    """An approval after expiry or after redemption changes no state. STM-03, CV-20."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.server.claim(user_code, session) or ""
    stage.clock.advance(600)
    after = stage.server.approve(reference, session)
    assert after is not None
    assert after.state is State.EXPIRED
    assert stage.error(device_code) == "expired_token"


def test_an_approval_after_redemption_changes_nothing(stage: Stage) -> None:
    """A second press of Approve does not make the code good again. STM-03."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.server.claim(user_code, session) or ""
    stage.server.approve(reference, session)
    stage.poll(device_code)
    after = stage.server.approve(reference, session)
    assert after is not None
    assert after.state is State.REDEEMED
    assert stage.error(device_code) == "invalid_grant"


@pytest.mark.parametrize("typed", ["", "BCDF-GHJK", "bcdfghjk", "-", "0" * 8, "x" * 10_000])
def test_what_was_never_issued_is_not_found(stage: Stage, typed: str) -> None:
    """Whatever is typed, an unknown code opens nothing. VER-12."""
    assert stage.server.claim(typed, stage.session()) is None


def test_input_is_forgiven(stage: Stage) -> None:
    """Small letters, spaces and other dashes open the request. VER-10."""
    _, user_code = opened(stage)
    typed = user_code.lower().replace("-", " \u2014 ")
    assert stage.server.claim(f" {typed}\n", stage.session()) is not None
