"""An approval that the device completes by a number from the phone (RFC 10027 6.1.16)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from server.core import tokens
from server.core.states import State
from server.core.user_interaction import DeviceRequest, Refused
from tests.server.proving_device import VERIFIER, WITH_CHALLENGE, error_of
from tests.server.stage import Stage

CAREFUL = "careful"
GUESSES = 32


class Careful:
    """A sign-in of a client that is registered for return codes, and the person's browser."""

    def __init__(self, stage: Stage, **parameters: str) -> None:
        self.stage = stage
        self.codes = stage.start(client_id=CAREFUL, **parameters)
        self.session = stage.session()
        self.reference = stage.claim(self.codes["user_code"], self.session)

    def approve(self) -> str:
        """Approve; return the number that the phone shows."""
        approved = self.stage.server.approve(self.reference, self.session)
        assert isinstance(approved, DeviceRequest)
        assert approved.return_code is not None
        return approved.return_code

    def poll(self, return_code: str = "", **parameters: str) -> Any:
        """Poll, with a number unless it is empty."""
        form = {"client_id": CAREFUL, **parameters}
        if return_code:
            form["return_code"] = return_code
        return self.stage.poll(self.codes["device_code"], **form)

    def view(self) -> DeviceRequest:
        """Return what the phone shows now."""
        view = self.stage.server.find_device_request(self.reference, self.session)
        assert view is not None
        return view


@pytest.fixture
def careful(stage: Stage) -> Careful:
    """Give a sign-in that a person has opened."""
    stage.register(CAREFUL, return_code=True)
    stage.add_account("ben")
    return Careful(stage)


def other_than(return_code: str) -> str:
    """Return a wrong number."""
    return f"{(int(return_code) + 1) % 10000:04}"


def test_the_right_number_earns_the_tokens(careful: Careful) -> None:
    """The approval and the number together sign the device in, once. XD-20, STM-01."""
    return_code = careful.approve()
    assert careful.poll(return_code).json["access_token"]
    assert careful.view().state is State.REDEEMED
    assert error_of(careful.poll(return_code)) == "invalid_grant"


def test_an_approval_alone_earns_nothing(careful: Careful) -> None:
    """Without the number the device is told how long it is and for how long it may come. XD-20."""
    careful.approve()
    answer = careful.poll()
    assert answer.status_code == 400
    assert answer.json == {
        "error": "authorization_pending",
        "error_description": "approved, but the return code is missing",
        "return_code_length": 4,
        "expires_in": 600,
    }
    assert careful.view().state is State.APPROVED


def test_whoever_waits_for_the_number_keeps_the_pace(careful: Careful) -> None:
    """A poll without the number may come early no more than before; one with it may. TOK-05."""
    assert error_of(careful.poll()) == "authorization_pending"
    return_code = careful.approve()
    assert error_of(careful.poll()) == "slow_down"
    assert careful.poll(return_code).status_code == 200


def test_one_wrong_number_ends_the_request(careful: Careful) -> None:
    """After it the right one is worth nothing. XD-20."""
    return_code = careful.approve()
    assert error_of(careful.poll(other_than(return_code))) == "access_denied"
    assert careful.view().state is State.DENIED
    assert error_of(careful.poll(return_code)) == "access_denied"


@pytest.mark.parametrize("right", [False, True])
def test_a_number_before_the_approval_is_a_guess(careful: Careful, right: bool) -> None:
    """Nobody learns what the number will be: even the right one ends the request. XD-20."""
    digest = tokens.digest(careful.codes["device_code"])
    return_code = careful.stage.server.ports.user_codes.return_code(digest)
    guess = return_code if right else other_than(return_code)
    assert error_of(careful.poll(guess)) == "access_denied"
    assert careful.view().state is State.DENIED
    assert isinstance(
        careful.stage.server.approve(careful.reference, careful.session), DeviceRequest
    )
    assert error_of(careful.poll(return_code)) == "access_denied"


def test_a_guess_between_look_and_redemption_wins(
    careful: Careful, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right number of one poll does not redeem what another one has ended. XD-20, STM-01."""
    return_code = careful.approve()
    store = careful.stage.server.ports.device_authorizations
    redeem = store.redeem

    def overtaken(*arguments: Any) -> bool:
        assert error_of(careful.poll(other_than(return_code))) == "access_denied"
        return redeem(*arguments)

    monkeypatch.setattr(store, "redeem", overtaken)
    assert error_of(careful.poll(return_code)) == "invalid_grant"
    assert careful.view().state is State.DENIED


@pytest.mark.parametrize("sent", ["{}0", "0{}", " {}", "{} ", "\u0660\u0661\u0662\u0663"])
def test_only_the_digits_themselves_are_right(careful: Careful, sent: str) -> None:
    """Nothing is added, left out or made of other digits. XD-20."""
    return_code = careful.approve()
    assert error_of(careful.poll(sent.format(return_code))) == "access_denied"


def test_the_number_is_nobodys_before_the_approval(careful: Careful) -> None:
    """The phone shows none while it asks, and it is gone once it was used. XD-20."""
    assert careful.view().return_code == ""
    return_code = careful.approve()
    assert careful.view().return_code == return_code
    assert len(return_code) == 4
    assert return_code.isdecimal()
    careful.poll(return_code)
    assert careful.view().return_code == ""


def test_many_guesses_at_once_earn_nothing(careful: Careful) -> None:
    """Of many numbers at the same moment the right one has no lasting use. XD-20, STM-01."""
    right = careful.approve()
    start = Barrier(GUESSES)

    def guess(number: int) -> Any:
        start.wait()
        return careful.poll(f"{(int(right) + number) % 10000:04}").json

    with ThreadPoolExecutor(GUESSES) as pool:
        answers = list(pool.map(guess, range(GUESSES)))
    served = [answer["refresh_token"] for answer in answers if "refresh_token" in answer]
    assert (careful.view().state, len(served)) in {(State.DENIED, 0), (State.REDEEMED, 1)}
    for refresh_token in served:
        assert error_of(careful.stage.refresh(refresh_token, client_id=CAREFUL)) == "invalid_grant"


def test_a_wrong_number_after_the_right_one_ends_the_tokens(
    careful: Careful, caplog: pytest.LogCaptureFixture
) -> None:
    """Who tries numbers on is no device in a living room, and is in the audit. XD-20."""
    return_code = careful.approve()
    refresh_token = careful.poll(return_code).json["refresh_token"]
    with caplog.at_level("INFO", "pairlight.audit"):
        assert error_of(careful.poll(other_than(return_code))) == "invalid_grant"
    assert "device_authorization_mismatch" in caplog.text
    refreshed = careful.stage.refresh(refresh_token, client_id=CAREFUL)
    assert error_of(refreshed) == "invalid_grant"


@pytest.mark.parametrize("again", [False, True])
def test_a_lost_answer_can_be_asked_for_again(careful: Careful, again: bool) -> None:
    """By the same form; or without the number, by a device that has been restarted. STM-10."""
    device = Careful(careful.stage, **WITH_CHALLENGE)
    return_code = device.approve()
    first = device.poll(return_code, code_verifier=VERIFIER).json
    second = device.poll(return_code if again else "", code_verifier=VERIFIER).json
    assert second["refresh_token"] != first["refresh_token"]
    refreshed = careful.stage.refresh(second["refresh_token"], client_id=CAREFUL)
    assert refreshed.status_code == 200


def test_a_second_use_ends_the_tokens(careful: Careful) -> None:
    """Without a challenge a code is in two hands when it comes again, number or not. STM-10."""
    refresh_token = careful.poll(careful.approve()).json["refresh_token"]
    assert error_of(careful.poll()) == "invalid_grant"
    refreshed = careful.stage.refresh(refresh_token, client_id=CAREFUL)
    assert error_of(refreshed) == "invalid_grant"


def test_the_number_is_found_again(careful: Careful) -> None:
    """Who closed the page enters the code once more, in that browser alone, until it is used.

    XD-20, VER-12.
    """
    stage, user_code = careful.stage, careful.codes["user_code"]
    return_code = careful.approve()
    for session in (stage.session(), stage.session("ben")):
        assert stage.server.claim(user_code, session, "192.0.2.1") is Refused.NOT_FOUND
    assert stage.claim(user_code, careful.session) == careful.reference
    assert careful.view().return_code == return_code
    careful.poll(return_code)
    assert stage.server.claim(user_code, careful.session, "192.0.2.1") is Refused.NOT_FOUND


def test_an_approval_is_taken_back(careful: Careful) -> None:
    """Who finds out in time that it was a fraud ends it, in that browser alone. XD-20, STM-05."""
    server = careful.stage.server
    return_code = careful.approve()
    assert server.withdraw(careful.reference, careful.stage.session()) is Refused.NOT_FOUND
    assert careful.view().state is State.APPROVED
    server.withdraw(careful.reference, careful.session)
    assert careful.view().state is State.DENIED
    assert error_of(careful.poll(return_code)) == "access_denied"


def test_only_what_waits_for_its_number_is_taken_back(careful: Careful) -> None:
    """What was redeemed, or asks for no number, stays as it is. STM-05, CV-14."""
    stage = careful.stage
    careful.poll(careful.approve())
    stage.server.withdraw(careful.reference, careful.session)
    assert careful.view().state is State.REDEEMED
    session = stage.session()
    reference = stage.claim(stage.start()["user_code"], session)
    stage.server.approve(reference, session)
    withdrawn = stage.server.withdraw(reference, session)
    assert isinstance(withdrawn, DeviceRequest)
    assert withdrawn.state is State.APPROVED


def test_a_guess_proves_nothing_without_the_verifier(careful: Careful) -> None:
    """A stranger with a device code cannot end its request by a wrong number. RFC 7636 4.6."""
    device = Careful(careful.stage, **WITH_CHALLENGE)
    return_code = device.approve()
    assert error_of(device.poll(other_than(return_code))) == "invalid_grant"
    assert device.poll(return_code, code_verifier=VERIFIER).status_code == 200


def test_there_is_a_minute_for_the_number(careful: Careful) -> None:
    """An approval in the last second leaves 65 s to enter it, and no more. STM-08."""
    stage = careful.stage
    stage.clock.advance(599)
    return_code = careful.approve()
    assert careful.poll().json["expires_in"] == 65
    stage.clock.advance(64)
    assert careful.poll().json["expires_in"] == 1
    stage.clock.advance(1)
    assert error_of(careful.poll(return_code)) == "expired_token"
    assert error_of(careful.poll(other_than(return_code))) == "expired_token"


def test_other_clients_meet_nothing_of_it(stage: Stage) -> None:
    """A number that nobody asked for is like any unknown parameter. RFC 6749 3.2."""
    codes = stage.start()
    assert stage.error(codes["device_code"], return_code="0000") == "authorization_pending"
    session = stage.session()
    approved = stage.server.approve(stage.claim(codes["user_code"], session), session)
    assert isinstance(approved, DeviceRequest)
    assert approved.return_code is None
    stage.clock.advance(10)
    assert stage.poll(codes["device_code"]).status_code == 200


def test_a_wrong_number_is_in_the_audit(careful: Careful, caplog: pytest.LogCaptureFixture) -> None:
    """An operator sees that somebody guessed. XD-20."""
    return_code = careful.approve()
    with caplog.at_level("INFO", "pairlight.audit"):
        careful.poll(other_than(return_code))
    assert "device_authorization_mismatch" in caplog.text
