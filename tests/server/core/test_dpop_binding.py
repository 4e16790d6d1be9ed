"""What a proof binds: codes of apps, tokens of every grant, and the APIs that see them."""

from typing import Any

import pytest

from server.core.authorization_server import DEVICE_CODE
from tests.server.proving_device import (
    REDIRECT_URI,
    WITH_CHALLENGE,
    ProvingDevice,
    authorization_code,
    code_form,
    error_of,
    register_app,
)
from tests.server.stage import Stage


@pytest.fixture
def app(stage: Stage) -> ProvingDevice:
    """Give an app with a key, registered without a secret."""
    register_app(stage)
    return ProvingDevice(stage, "app")


def bound_to(stage: Stage, tokens: dict[str, Any]) -> str:
    """Return the key that an access token is bound to, having checked that it says so."""
    assert tokens["token_type"] == "DPoP"
    claims = stage.server.ports.signer.verify(tokens["access_token"]) or {}
    return str(claims["cnf"]["jkt"])


def test_a_code_is_bound_by_dpop_jkt(stage: Stage, app: ProvingDevice) -> None:
    """Another key, and none, is invalid_grant; the named one gets bound tokens. RFC 9449 10."""
    form = code_form(authorization_code(stage, dpop_jkt=app.thumbprint))
    assert error_of(ProvingDevice(stage, "app").post("/token", form)) == "invalid_grant"
    assert error_of(stage.post("/token", {"client_id": "app", **form})) == "invalid_grant"
    tokens = app.post("/token", form).json or {}
    assert bound_to(stage, tokens) == app.thumbprint


def test_a_code_without_dpop_jkt_is_bound_when_it_is_exchanged(
    stage: Stage, app: ProvingDevice
) -> None:
    """The refresh token of an app without a secret belongs to the proven key. DP-01."""
    tokens = app.post("/token", code_form(authorization_code(stage))).json or {}
    assert bound_to(stage, tokens) == app.thumbprint
    stranger = ProvingDevice(stage, "app")
    assert error_of(stranger.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert app.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("way", ["proof", "dpop_jkt", "both"])
def test_a_pushed_request_binds_the_code(stage: Stage, app: ProvingDevice, way: str) -> None:
    """A proof at the pushed request, and dpop_jkt in it, bind alike. RFC 9449 10.1."""
    form = _pushed({} if way == "proof" else {"dpop_jkt": app.thumbprint})
    headers = {} if way == "dpop_jkt" else {"DPoP": app.proof("/par")}
    pushed = stage.post("/par", form, headers)
    assert pushed.status_code in (200, 201), pushed.text
    request_uri = (pushed.json or {})["request_uri"]
    code = authorization_code(stage, request_uri=request_uri)
    stranger = ProvingDevice(stage, "app")
    assert error_of(stranger.post("/token", code_form(code))) == "invalid_grant"
    tokens = app.post("/token", code_form(code)).json or {}
    assert bound_to(stage, tokens) == app.thumbprint


def test_a_pushed_request_names_the_key_that_it_proves(stage: Stage, app: ProvingDevice) -> None:
    """A dpop_jkt of another key than the proof's is invalid_dpop_proof. RFC 9449 10.1."""
    form = _pushed({"dpop_jkt": ProvingDevice(stage).thumbprint})
    assert error_of(app.post("/par", form)) == "invalid_dpop_proof"


def test_a_client_for_itself_gets_bound_tokens(stage: Stage) -> None:
    """Client credentials with a proof earn a token of that key. RFC 9449 5."""
    _, secret = stage.server.register_client(
        "job", "The job", ("client_credentials",), (), confidential=True
    )
    device = ProvingDevice(stage, "job")
    form = {"grant_type": "client_credentials", "client_secret": secret or ""}
    assert bound_to(stage, device.post("/token", form).json or {}) == device.thumbprint


def test_a_confidential_clients_refresh_token_is_not_bound(stage: Stage) -> None:
    """Its secret protects it, so that it can change keys; access tokens follow. RFC 9449 5."""
    secret = register_app(stage, "shop", confidential=True) or ""
    form = {**code_form(authorization_code(stage, "shop")), "client_secret": secret}
    first = ProvingDevice(stage, "shop").post("/token", form).json or {}
    other = ProvingDevice(stage, "shop")
    answer = other.refresh(first["refresh_token"], client_secret=secret)
    assert bound_to(stage, answer.json or {}) == other.thumbprint


def test_a_client_that_is_to_prove_must(stage: Stage) -> None:
    """Without a proof it is given nothing at the token endpoint, whatever it asks for. DP-03."""
    register_app(stage, dpop_bound=True)
    _, secret = stage.server.register_client(
        "job", "The job", ("client_credentials",), (), confidential=True, dpop_bound=True
    )
    stage.server.register_client(
        "radio", "The radio", (DEVICE_CODE, "refresh_token"), ("profile",), dpop_bound=True
    )
    radio = ProvingDevice(stage, "radio")
    forms = (
        {"client_id": "app", **code_form(authorization_code(stage))},
        {"client_id": "job", "client_secret": secret or "", "grant_type": "client_credentials"},
        {
            "client_id": "radio",
            "grant_type": DEVICE_CODE,
            "device_code": radio.start()["device_code"],
        },
        {
            "client_id": "radio",
            "grant_type": "refresh_token",
            "refresh_token": radio.signed_in()["refresh_token"],
        },
    )
    for form in forms:
        assert error_of(stage.post("/token", form)) == "invalid_dpop_proof"
        assert error_of_proven(radio, form) in (None, "authorization_pending")


def error_of_proven(device: ProvingDevice, form: dict[str, str]) -> str | None:
    """Send a token request with a proof; return the error, if any."""
    return (device.post("/token", form).json or {}).get("error")


def _pushed(more: dict[str, str]) -> dict[str, str]:
    request = {"client_id": "app", "redirect_uri": REDIRECT_URI, "response_type": "code"}
    return {**request, **WITH_CHALLENGE, **more}
