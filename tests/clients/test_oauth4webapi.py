"""oauth4webapi, the strict library below openid-client, and what an API checks with it."""

from collections.abc import Callable
from functools import partial

import pytest
from joserfc.jwk import ECKey

from tests.clients.issuer import Issuer
from tests.clients.node import FailedError, Scene
from tests.clients.person import Person

HOUR = 3600
Play = Callable[..., Scene]


@pytest.fixture
def play_oauth(play: Play) -> Play:
    """Give a way to start a scene with oauth4webapi."""
    return partial(play, "oauth4webapi")


def test_discovery(issuer: Issuer, play_oauth: Play) -> None:
    """Both well-known addresses of an issuer with a path say the same. RFC 8414 3, 5."""
    one, other = play_oauth("metadata", issuer.register()).end()
    assert one == other
    assert one["issuer"] == issuer.url


def test_device_flow(issuer: Issuer, person: Person, play_oauth: Play) -> None:
    """It reads pending and slow_down as what they are, then has its tokens. RFC 8628 3.5."""
    scene = play_oauth("device", issuer.register())
    codes = scene.hear()
    for expected in ("authorization_pending", "slow_down"):
        scene.tell("poll")
        assert scene.hear() == expected
    person.decide_device(codes["user_code"], "approve")
    scene.tell("poll")
    assert scene.end() == {"type": "dpop", "nonce_needed": False}


@pytest.mark.parametrize("error", ["access_denied", "expired_token"])
def test_device_flow_ends(issuer: Issuer, person: Person, play_oauth: Play, error: str) -> None:
    """It reads a denial and an expired code as what they are. RFC 8628 3.5."""
    client = issuer.register()
    scene = play_oauth("device", client)
    codes = scene.hear()
    if error == "access_denied":
        person.decide_device(codes["user_code"], "deny")
    else:
        issuer.expire(client)
    scene.tell("poll")
    with pytest.raises(FailedError) as refused:
        scene.end()
    assert refused.value.error == error


def test_nonce_for_a_wrong_clock(issuer: Issuer, person: Person, play_oauth: Play) -> None:
    """A device whose clock is wrong is told a nonce, tries again and is served. RFC 9449 8."""
    scene = play_oauth("device", issuer.register(), skew=-HOUR)
    person.decide_device(scene.hear()["user_code"], "approve")
    scene.tell("poll")
    assert scene.end() == {"type": "dpop", "nonce_needed": True}


@pytest.mark.parametrize(
    ("method", "skew"), [("none", 0), ("none", -HOUR), ("basic", -HOUR), ("post", 0), ("key", 0)]
)
def test_authorization_code(
    issuer: Issuer, person: Person, play_oauth: Play, method: str, skew: int
) -> None:
    """Pushed, bound to a key, exchanged and renewed, with or without nonces. RFC 9449 10."""
    key = ECKey.generate_key("P-256", private=True) if method == "key" else None
    confidential = method in {"basic", "post"}
    client = issuer.register(
        "authorization_code", "refresh_token", confidential=confidential, key=key
    )
    scene = play_oauth("code", client, method=method, skew=skew)
    scene.tell(person.decide(scene.hear()))
    found = scene.end()
    assert found["pushed_nonce"] == bool(skew)
    assert found["person"]["preferred_username"] == "ada"


@pytest.mark.parametrize("dpop", [False, True])
def test_an_api_checks_an_access_token(issuer: Issuer, play_oauth: Play, dpop: bool) -> None:
    """An API that knows our keys alone can check token and proof. RFC 9068 4, RFC 9449 7."""
    client = issuer.register("client_credentials", confidential=True)
    found = play_oauth("api", client, method="basic", dpop=dpop, scope="tv.watch").end()
    assert found == {"scope": "tv.watch", "type": "DPoP" if dpop else "Bearer"}


def test_wrong_secret(issuer: Issuer, play_oauth: Play) -> None:
    """A secret that is wrong in the body is no challenge but invalid_client. RFC 6749 5.2."""
    client = issuer.register("client_credentials", confidential=True)._replace(secret="wrong")
    with pytest.raises(FailedError) as refused:
        play_oauth("api", client, method="post", scope="tv.watch").end()
    assert refused.value.error == "invalid_client"
