"""openid-client, the certified relying party for Node, with all its checks on."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey

from server.core.authorization_server import DEVICE_CODE
from tests.clients.issuer import CALLBACK, Issuer
from tests.clients.node import FailedError, Scene
from tests.clients.person import Person

HOUR = 3600
Play = Callable[..., Scene]


@pytest.fixture
def play_openid(play: Play) -> Play:
    """Give a way to start a scene with openid-client."""
    return partial(play, "openid_client")


@pytest.mark.parametrize("dpop", [False, True])
def test_device_flow(issuer: Issuer, person: Person, play_openid: Play, dpop: bool) -> None:
    """It polls until the person has approved; its ID token holds. RFC 8628 3.4, RFC 9449 5."""
    scene = play_openid("device", issuer.register(dpop_bound=dpop), dpop=dpop)
    person.decide_device(scene.hear()["user_code"], "approve")
    found = scene.end()
    assert found["type"] == ("dpop" if dpop else "bearer")
    assert found["person"]["preferred_username"] == "ada"


def test_slow_down(issuer: Issuer, person: Person, play_openid: Play) -> None:
    """Told to slow down, because another polls its code, it goes on and is served. RFC 8628 3.5."""
    client = issuer.register()
    scene = play_openid("device", client, told_of_polls=True)
    codes = scene.hear()
    form = {"grant_type": DEVICE_CODE, "client_id": client.client_id}
    for _ in range(2):
        requests.post(f"{issuer.url}/token", {**form, "device_code": codes["device_code"]})
    assert scene.hear() == "slow_down"
    person.decide_device(codes["user_code"], "approve")
    assert scene.hear() == "tokens"
    assert scene.end()["person"]["name"] == "Ada"


@pytest.mark.parametrize("error", ["access_denied", "expired_token"])
def test_device_flow_ends(issuer: Issuer, person: Person, play_openid: Play, error: str) -> None:
    """Its loop ends when the person denies and when the code runs out. RFC 8628 3.5."""
    client = issuer.register()
    scene = play_openid("device", client)
    codes = scene.hear()
    if error == "access_denied":
        person.decide_device(codes["user_code"], "deny")
    else:
        issuer.expire(client)
    with pytest.raises(FailedError, match=error):
        scene.end()


@pytest.mark.parametrize("more", [{}, {"dpop": True}, {"pushed": True, "dpop": True}])
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_authorization_code(
    issuer: Issuer, person: Person, play_openid: Play, more: dict[str, Any], algorithm: str
) -> None:
    """PKCE, state, nonce, max_age, iss and the signature: it checks all. RFC 9126, RFC 9207 2.4."""
    pushed = bool(more.get("pushed"))
    client = issuer.register(
        "authorization_code", "refresh_token", id_token_alg=algorithm, pushed_only=pushed
    )
    scene = play_openid("code", client, **more)
    scene.tell(person.decide(scene.hear()))
    found = scene.end()
    assert found["type"] == ("dpop" if more else "bearer")
    assert found["renewed"]
    assert found["person"]["preferred_username"] == "ada"


def test_authorization_code_denied(issuer: Issuer, person: Person, play_openid: Play) -> None:
    """It shows a denial by its name. RFC 6749 4.1.2.1."""
    scene = play_openid("code", issuer.register("authorization_code"))
    scene.tell(person.decide(scene.hear(), "deny"))
    with pytest.raises(FailedError) as refused:
        scene.end()
    assert refused.value.error == "access_denied"


def test_logout(issuer: Issuer, play_openid: Play) -> None:
    """Its address for signing out leads back to where it says. RP-Initiated Logout 1.0 2, 3."""
    client = issuer.register("authorization_code", logout_redirect_uris=(CALLBACK,))
    with closing(Person(issuer.url)) as person:
        scene = play_openid("code", client, logout=True)
        scene.tell(person.decide(scene.hear()))
        assert person.sign_out(scene.end()).startswith(f"{CALLBACK}?state=")


def test_pushed_request_is_refused(issuer: Issuer, play_openid: Play) -> None:
    """What is wrong with a pushed request it hears at once. RFC 9126 2.3."""
    client = issuer.register("authorization_code", scopes=("profile",))
    scene = play_openid("code", client, pushed=True, scope="tv.watch")
    with pytest.raises(FailedError) as refused:
        scene.hear()
    assert refused.value.error == "invalid_scope"


@pytest.mark.parametrize("method", ["basic", "post", "key"])
@pytest.mark.parametrize("dpop", [False, True])
def test_client_credentials(issuer: Issuer, play_openid: Play, method: str, dpop: bool) -> None:
    """A secret and a key earn tokens, introspect and revoke them. RFC 7523, RFC 7662, RFC 7009."""
    key = ECKey.generate_key("P-256", private=True) if method == "key" else None
    client = issuer.register("client_credentials", confidential=True, key=key)
    found = play_openid("credentials", client, method=method, dpop=dpop, scope="tv.watch").end()
    assert found == {
        "type": "dpop" if dpop else "bearer",
        "scope": "tv.watch",
        "before": True,
        "after": {"active": False},
    }


def test_nonce_for_a_wrong_clock(issuer: Issuer, play_openid: Play) -> None:
    """A clock an hour behind costs it one more request, for the nonce. RFC 9449 8."""
    client = issuer.register("client_credentials", confidential=True)
    told = {"method": "post", "dpop": True, "skew": -HOUR, "scope": "tv.watch"}
    assert play_openid("credentials", client, **told).end()["type"] == "dpop"


@pytest.mark.parametrize("method", ["basic", "post"])
def test_wrong_secret(issuer: Issuer, play_openid: Play, method: str) -> None:
    """A wrong secret is refused: by a challenge only where Basic was used. RFC 6749 5.2."""
    client = issuer.register("client_credentials", confidential=True)._replace(secret="wrong")
    with pytest.raises(FailedError) as refused:
        play_openid("credentials", client, method=method, scope="tv.watch").end()
    if method == "post":
        assert refused.value.error == "invalid_client"
    else:
        assert refused.value.code == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"


def test_invalid_scope(issuer: Issuer, play_openid: Play) -> None:
    """It shows a scope beyond the registration as invalid_scope. RFC 6749 3.3."""
    client = issuer.register("client_credentials", confidential=True, scopes=("profile",))
    with pytest.raises(FailedError) as refused:
        play_openid("credentials", client, method="post", scope="tv.watch").end()
    assert refused.value.error == "invalid_scope"
