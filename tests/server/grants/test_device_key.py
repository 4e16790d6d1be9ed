"""The device grant with a key: what was started with it is polled and redeemed with it."""

import pytest

from tests.server.core.test_dpop_binding import bound_to
from tests.server.proving_device import VERIFIER, WITH_CHALLENGE, ProvingDevice, error_of
from tests.server.stage import Stage


@pytest.fixture
def device(stage: Stage) -> ProvingDevice:
    """Give a device with a key."""
    return ProvingDevice(stage)


@pytest.mark.parametrize("decide", ["nobody", "approve", "deny"])
def test_a_code_is_polled_with_the_key_it_was_started_with(
    device: ProvingDevice, decide: str
) -> None:
    """Another key, and none, is invalid_grant in every state, and learns nothing. DP-04."""
    stage, codes = device.stage, device.start()
    if decide != "nobody":
        getattr(stage, decide)(codes["user_code"])
    assert error_of(ProvingDevice(stage).poll(codes["device_code"])) == "invalid_grant"
    assert stage.error(codes["device_code"]) == "invalid_grant"


def test_the_key_gets_tokens_that_are_bound_to_it(device: ProvingDevice) -> None:
    """Polls of others spend nothing: the key's own gets token_type DPoP and cnf. DP-01, DP-04."""
    codes = device.start()
    device.stage.approve(codes["user_code"])
    ProvingDevice(device.stage).poll(codes["device_code"])
    device.stage.poll(codes["device_code"])
    tokens = device.poll(codes["device_code"]).json or {}
    assert bound_to(device.stage, tokens) == device.thumbprint


def test_a_code_without_a_key_is_bound_by_the_poll(device: ProvingDevice) -> None:
    """A device that proves a key at its poll alone gets tokens of that key. DP-01."""
    codes = device.stage.start()
    device.stage.approve(codes["user_code"])
    tokens = device.poll(codes["device_code"]).json or {}
    assert bound_to(device.stage, tokens) == device.thumbprint
    assert error_of(device.stage.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_each_poll_has_a_proof_of_its_own(device: ProvingDevice) -> None:
    """New proofs are heard at every poll, and the pace is kept as without. DP-04, TOK-05."""
    code = device.start()["device_code"]
    for gap, error in (
        (0, "authorization_pending"),
        (5, "authorization_pending"),
        (1, "slow_down"),
    ):
        device.stage.clock.advance(gap)
        assert error_of(device.poll(code)) == error


def test_a_proof_of_an_earlier_poll_is_refused(device: ProvingDevice) -> None:
    """A device that sends one proof with two polls hears invalid_dpop_proof. DP-02."""
    code = device.start()["device_code"]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code}
    assert error_of(device.post("/token", form, jti="one")) == "authorization_pending"
    device.stage.clock.advance(5)
    assert error_of(device.post("/token", form, jti="one")) == "invalid_dpop_proof"


def test_a_device_without_a_clock_signs_in(device: ProvingDevice) -> None:
    """With 1970 on its clock it needs one nonce, and tokens, refresh and resource follow. DP-05."""
    device.clock_is_off_by = -int(device.stage.clock())
    refused = device.post("/device_authorization", {})
    assert (refused.status_code, error_of(refused)) == (400, "use_dpop_nonce")
    device.nonce = refused.headers["DPoP-Nonce"]
    tokens = device.signed_in()
    assert device.userinfo(tokens["access_token"]).status_code == 200
    assert device.refresh(tokens["refresh_token"]).status_code == 200


def test_a_nonce_that_died_between_polls_costs_one_round(device: ProvingDevice) -> None:
    """The poll that is refused for its nonce does not count for the pace. DP-05, TOK-05."""
    device.stage.clock.advance(290)
    device.clock_is_off_by = -int(device.stage.clock())
    device.nonce = device.post("/device_authorization", {}).headers["DPoP-Nonce"]
    device.stage.clock.advance(300)
    code = device.start()["device_code"]
    assert error_of(device.poll(code)) == "authorization_pending"
    device.stage.clock.advance(10)
    refused = device.poll(code)
    assert error_of(refused) == "use_dpop_nonce"
    device.nonce = refused.headers["DPoP-Nonce"]
    assert error_of(device.poll(code)) == "authorization_pending"


def test_a_lost_answer_is_asked_for_again_with_the_same_key(device: ProvingDevice) -> None:
    """The verifier alone does not do where a key was proven, too. DP-04, STM-10."""
    codes = device.start(**WITH_CHALLENGE)
    device.stage.approve(codes["user_code"])
    lost = device.poll(codes["device_code"], code_verifier=VERIFIER).json or {}
    assert device.stage.error(codes["device_code"], code_verifier=VERIFIER) == "invalid_grant"
    again = device.poll(codes["device_code"], code_verifier=VERIFIER).json or {}
    assert bound_to(device.stage, again) == device.thumbprint
    assert error_of(device.refresh(lost["refresh_token"])) == "invalid_grant"
    assert device.refresh(again["refresh_token"]).status_code == 200


def test_a_poll_without_a_proof_costs_nothing_extra(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads no proof and looks at no mark, in any state. DP-01, TOK-16."""

    def never(*_: object) -> None:
        raise AssertionError

    for role, method in (("marks", "mark"), ("marks", "marked"), ("jwt_reader", "read_proof")):
        monkeypatch.setattr(getattr(stage.server.ports, role), method, never)
    codes = stage.start()
    assert stage.error(codes["device_code"]) == "authorization_pending"
    stage.approve(codes["user_code"])
    assert stage.poll(codes["device_code"]).status_code == 200
