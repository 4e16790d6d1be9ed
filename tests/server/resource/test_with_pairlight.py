"""A resource server and a real Pairlight: bound tokens and introspection."""

from typing import Any

import pytest

from server.core.authorization_server import DEVICE_CODE
from tests.server.proving_device import ProvingDevice
from tests.server.resource.played_issuer import AUDIENCE, FilmAPI
from tests.server.resource.test_proof import ath
from tests.server.stage import Stage


@pytest.fixture
def asking(listening_portal: Stage) -> FilmAPI:
    """Give an API that Pairlight lets introspect the tokens for it."""
    secret = listening_portal.register(
        "film-api", grant_types=(), scopes=(), confidential=True, serves=(AUDIENCE,)
    )
    return film_api(listening_portal, introspect_as=("film-api", secret))


def film_api(portal: Stage, **options: Any) -> FilmAPI:
    """Make an API that shares the portal's clock."""
    return FilmAPI(portal.server.settings.issuer, portal.clock, **options)


def test_a_revoked_token_is_noticed(listening_portal: Stage, asking: FilmAPI) -> None:
    """A token of a device opens until it is revoked, and half a minute. RFC 7662 2.2, RFC 7009."""
    tokens = listening_portal.signed_in()
    assert asking.get(tokens["access_token"], "/new films").status_code == 200
    form = {"token": tokens["refresh_token"], "client_id": "tv"}
    assert listening_portal.post("/revoke", form).status_code == 200
    listening_portal.clock.advance(30)
    assert asking.get(tokens["access_token"], "/new films").status_code == 401


def test_a_refresh_token_opens_nothing(listening_portal: Stage, asking: FilmAPI) -> None:
    """A refresh token is no access token, whoever asks about it. RFC 6749 1.5."""
    tokens = listening_portal.signed_in()
    assert asking.get(tokens["refresh_token"], "/new films").status_code == 401


@pytest.mark.parametrize("by_asking", [False, True])
def test_a_bound_token(listening_portal: Stage, asking: FilmAPI, by_asking: bool) -> None:
    """A token that Pairlight bound to a device's key opens with its proof only. DP-02."""
    api = asking if by_asking else film_api(listening_portal)
    device, token = bound_token(listening_portal)
    sent = device.proof(htm="GET", htu=f"{AUDIENCE}/new films", ath=ath(token))
    headers = {"Authorization": f"DPoP {token}", "DPoP": sent}
    client = api.app.test_client()
    assert client.get("/new films", headers=headers).status_code == 200
    assert client.get("/new films", headers=headers).status_code == 401
    assert api.get(token, "/new films").status_code == 401


def bound_token(portal: Stage) -> tuple[ProvingDevice, str]:
    """Sign in a device that proves its key."""
    device, issuer = ProvingDevice(portal), portal.server.settings.issuer
    path = "/device_authorization"
    codes = device.post(path, {"scope": "profile"}, htu=issuer + path).json or {}
    portal.approve(codes["user_code"])
    form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    tokens = device.post("/token", form, htu=f"{issuer}/token").json or {}
    return device, tokens["access_token"]


def test_an_id_token_opens_nothing(listening_portal: Stage) -> None:
    """An ID token of the same portal is no access token. JW-01."""
    listening_portal.register("phone", scopes=("openid",))
    codes = listening_portal.start(client_id="phone", scope="openid")
    listening_portal.approve(codes["user_code"])
    tokens = listening_portal.poll(codes["device_code"], client_id="phone").json or {}
    api = film_api(listening_portal)
    assert api.get(tokens["access_token"], "/new films").status_code == 200
    assert api.get(tokens["id_token"], "/new films").status_code == 401
