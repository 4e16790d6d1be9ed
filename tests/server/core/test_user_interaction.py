"""The person answers: claim, look, approve or deny."""

from base64 import b64decode

import pytest
from sqlalchemy import Update, update

from server.core.states import State
from server.core.user_interaction import DeviceRequest, Refused
from server.storage.schema import accounts, clients
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
    reference = stage.claim(codes["user_code"], session)
    found = stage.server.find_device_request(reference, session)
    assert found is not None
    assert (found.client_name, found.user_code) == ("The tv", codes["user_code"])
    assert (found.scopes, found.apis) == (("See your name and username",), ())
    assert (found.user_agent, found.address) == ("TV/1.0", "127.0.0.1")
    assert (found.issued_at, found.state) == (stage.clock(), State.CLAIMED)


def test_a_claimed_request_is_nobody_elses(stage: Stage) -> None:
    """Another account can neither open, see, approve nor deny it. VER-15, CV-04, CV-05."""
    stage.add_account("eve")
    device_code, user_code = opened(stage)
    reference = stage.claim(user_code, stage.session())
    eve = stage.session("eve")
    assert stage.server.find_device_request(reference, eve) is None
    assert stage.server.approve(reference, eve) is Refused.NOT_FOUND
    assert stage.server.deny(reference, eve) is Refused.NOT_FOUND
    assert stage.error(device_code) == "authorization_pending"


def test_a_second_account_ends_the_request(stage: Stage) -> None:
    """Two accounts that enter one code: the device is denied, and neither can go on. STM-13."""
    stage.add_account("eve")
    device_code, user_code = opened(stage)
    ada, eve = stage.session(), stage.session("eve")
    reference = stage.claim(user_code, ada)
    assert stage.server.claim(user_code, eve) is Refused.NOT_FOUND
    after = stage.server.approve(reference, ada)
    assert isinstance(after, DeviceRequest)
    assert after.state is State.DENIED
    assert stage.error(device_code) == "access_denied"


def test_a_released_request_is_free_for_another_account(stage: Stage) -> None:
    """Who switches accounts does not burn the code. VER-24."""
    stage.add_account("eve")
    device_code, user_code = opened(stage)
    ada, eve = stage.session(), stage.session("eve")
    reference = stage.claim(user_code, ada)
    stage.server.release(reference, eve)
    assert stage.server.find_device_request(reference, ada) is not None
    stage.server.release(reference, ada)
    assert stage.server.find_device_request(reference, ada) is None
    stage.server.approve(stage.claim(user_code, eve), eve)
    assert stage.poll(device_code).status_code == 200


def test_the_same_person_may_go_on_in_another_browser(stage: Stage) -> None:
    """Entering the code again moves the request to that browser. COD-07, VER-24."""
    _, user_code = opened(stage)
    phone, laptop = stage.session(), stage.session()
    reference = stage.claim(user_code, phone)
    assert stage.server.claim(user_code, laptop) == reference
    assert stage.server.approve(reference, phone) is Refused.NOT_FOUND
    assert stage.server.approve(reference, laptop) is not Refused.NOT_FOUND


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_a_decided_code_cannot_be_opened_again(stage: Stage, decision: str) -> None:
    """After approve or deny the code is like one that never was. VER-14."""
    _, user_code = opened(stage)
    getattr(stage, decision)(user_code)
    assert stage.server.claim(user_code, stage.session()) is Refused.NOT_FOUND


def test_a_denial_cannot_be_taken_back(stage: Stage) -> None:
    """Deny, Back, Approve stays denied, and the page can say so. VER-14, CV-14."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.claim(user_code, session)
    stage.server.deny(reference, session)
    after = stage.server.approve(reference, session)
    assert isinstance(after, DeviceRequest)
    assert after.state is State.DENIED
    assert stage.error(device_code) == "access_denied"


def test_an_approval_cannot_be_denied_afterwards(stage: Stage) -> None:
    """The first decision stands. STM-05."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.claim(user_code, session)
    stage.server.approve(reference, session)
    after = stage.server.deny(reference, session)
    assert isinstance(after, DeviceRequest)
    assert after.state is State.APPROVED
    assert stage.poll(device_code).status_code == 200


def test_nothing_is_approved_unclaimed(stage: Stage) -> None:
    """Knowing the reference is not enough without having entered the code. LO-03."""
    device_code, user_code = opened(stage)
    reference = stage.claim(user_code, stage.session())
    other = stage.session()
    assert stage.server.approve(reference, other) is Refused.NOT_FOUND
    assert stage.error(device_code) == "authorization_pending"


def test_a_late_approval_resurrects_nothing(stage: Stage) -> None:
    """An approval after expiry or after redemption changes no state. STM-03, CV-20."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.claim(user_code, session)
    stage.clock.advance(600)
    after = stage.server.approve(reference, session)
    assert isinstance(after, DeviceRequest)
    assert after.state is State.EXPIRED
    assert stage.error(device_code) == "expired_token"


def test_an_approval_after_redemption_changes_nothing(stage: Stage) -> None:
    """A second press of Approve does not make the code good again. STM-03."""
    device_code, user_code = opened(stage)
    session = stage.session()
    reference = stage.claim(user_code, session)
    stage.server.approve(reference, session)
    stage.poll(device_code)
    after = stage.server.approve(reference, session)
    assert isinstance(after, DeviceRequest)
    assert after.state is State.REDEEMED
    assert stage.error(device_code) == "invalid_grant"


@pytest.mark.parametrize("typed", ["", "BCDF-GHJK", "bcdfghjk", "-", "0" * 8, "x" * 10_000])
def test_what_was_never_issued_is_not_found(stage: Stage, typed: str) -> None:
    """Whatever is typed, an unknown code opens nothing. VER-12."""
    assert stage.server.claim(typed, stage.session()) is Refused.NOT_FOUND


def test_input_is_forgiven(stage: Stage) -> None:
    """Small letters, spaces and other dashes open the request. VER-10."""
    _, user_code = opened(stage)
    typed = user_code.lower().replace("-", " \u2014 ")
    stage.claim(f" {typed}\n", stage.session())


def test_consent_is_asked_for_each_device(stage: Stage) -> None:
    """A second device of the same client and person is undecided again. VER-22."""
    session = stage.session()
    for _ in range(2):
        reference = stage.claim(stage.start()["user_code"], session)
        found = stage.server.find_device_request(reference, session)
        assert found is not None
        assert found.state is State.CLAIMED
        stage.server.approve(reference, session)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (update(clients).values(grant_types="refresh_token"), "unauthorized_client"),
        (update(accounts).values(disabled=True), "invalid_grant"),
    ],
)
def test_a_closed_client_or_account_wins_over_an_approval(
    stage: Stage, change: Update, error: str
) -> None:
    """What is closed between approval and poll gets no tokens. STM-12."""
    device_code, user_code = opened(stage)
    stage.approve(user_code)
    with stage.application.database.writing() as connection:
        connection.execute(change)
    stage.clock.advance(60)
    assert stage.error(device_code) == error


def test_a_device_can_say_its_name(stage: Stage) -> None:
    """At most 200 characters of it are kept, for the person to read. DAE-24."""
    codes = stage.start(device_name="Kitchen" + "x" * 10_000)
    session = stage.session()
    found = stage.server.find_device_request(stage.claim(codes["user_code"], session), session)
    assert found is not None
    assert (found.device_name[:8], len(found.device_name)) == ("Kitchenx", 200)


def test_a_claim_knows_when_the_person_signed_in(stage: Stage) -> None:
    """The time goes with the claim, stays through approval, and leaves on release. TOK-11."""
    session = stage.session()
    stage.clock.advance(60)
    user_code = stage.start()["user_code"]
    reference = stage.claim(user_code, session)
    find = stage.server.ports.device_authorizations.find_by_user_code
    digest = b64decode(f"{reference}=", b"-_")
    times = []
    for step in (stage.server.release, lambda *_: stage.claim(user_code, session)):
        times.append(getattr(find(digest), "authenticated_at", ""))
        step(reference, session)
    stage.server.approve(reference, session)
    times.append(getattr(find(digest), "authenticated_at", ""))
    assert times == [session.created_at, None, session.created_at]
