"""Access tokens that are bound to a key, at the resource of our own."""

from typing import Any

import pytest

from tests.server.proving_device import ISSUER, ProvingDevice, error_of
from tests.server.stage import Stage


@pytest.fixture
def device(stage: Stage) -> ProvingDevice:
    """Give a device with a key."""
    return ProvingDevice(stage)


@pytest.fixture
def token(device: ProvingDevice) -> str:
    """Give an access token that is bound to it."""
    return str(device.signed_in()["access_token"])


def test_the_key_opens_the_resource(device: ProvingDevice, token: str) -> None:
    """A bound token with a proof of its key and of itself is heard. DP-02."""
    assert device.userinfo(token).status_code == 200
    assert device.userinfo(token, "dpop").status_code == 200


def test_a_bound_token_is_no_bearer_token(device: ProvingDevice, token: str) -> None:
    """Under the scheme Bearer it is 401, with and without a proof. DP-02."""
    alone = device.stage.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    for response in (alone, device.userinfo(token, "Bearer")):
        assert (response.status_code, error_of(response)) == (401, "invalid_token")
        assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_bearer_token_is_no_bound_token(stage: Stage, device: ProvingDevice) -> None:
    """Under the scheme DPoP a token without a key is 401 invalid_token. RFC 9449 7.1."""
    token = stage.signed_in()["access_token"]
    response = device.userinfo(token)
    assert (response.status_code, error_of(response)) == (401, "invalid_token")


def test_a_bound_token_alone_is_refused(device: ProvingDevice, token: str) -> None:
    """Without a proof it is 401 with a challenge for one. DP-02."""
    response = device.stage.http.get("/userinfo", headers={"Authorization": f"DPoP {token}"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("DPoP ")


def test_another_key_does_not_open_it(stage: Stage, token: str) -> None:
    """A thief's own proof does not fit the token: 401 invalid_token. DP-02."""
    response = ProvingDevice(stage).userinfo(token)
    assert (response.status_code, error_of(response)) == (401, "invalid_token")


@pytest.mark.parametrize(
    "changes",
    [
        {"ath": None},
        {"ath": ""},
        {"ath": "x" * 43},
        {"ath": 1},
        {"htm": "POST"},
        {"htu": ISSUER + "/token"},
        {"jti": None},
        {"iat": None},
    ],
)
def test_a_proof_is_for_this_token_and_request(
    device: ProvingDevice, token: str, changes: dict[str, Any]
) -> None:
    """Each wrong claim is 401 invalid_dpop_proof under a DPoP challenge. DP-02."""
    response = device.userinfo(token, **changes)
    assert (response.status_code, error_of(response)) == (401, "invalid_dpop_proof")
    assert 'error="invalid_dpop_proof"' in response.headers["WWW-Authenticate"]


def test_a_proof_at_the_resource_is_used_once(device: ProvingDevice, token: str) -> None:
    """The second time it is invalid_dpop_proof. DP-02."""
    assert device.userinfo(token, jti="the same").status_code == 200
    assert error_of(device.userinfo(token, jti="the same")) == "invalid_dpop_proof"


def test_the_resource_tells_a_nonce(device: ProvingDevice, token: str) -> None:
    """A device without a clock hears 401 use_dpop_nonce and a nonce. DP-05, RFC 9449 9."""
    response = device.userinfo(token, iat=0)
    assert (response.status_code, error_of(response)) == (401, "use_dpop_nonce")
    assert response.headers["WWW-Authenticate"].startswith("DPoP ")
    device.nonce = response.headers["DPoP-Nonce"]
    assert device.userinfo(token, iat=0).status_code == 200
