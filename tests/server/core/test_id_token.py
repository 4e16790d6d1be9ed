"""ID tokens, as an app sees them: verified with the published keys (OpenID Connect Core 2)."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from server.core.authorization_server import DEVICE_CODE
from tests.server.proving_device import (
    ISSUER,
    ProvingDevice,
    authorization_code,
    code_form,
    error_of,
    register_app,
)
from tests.server.stage import Stage


@pytest.fixture
def app(stage: Stage) -> Stage:
    """Give a stage with an app whose ID tokens are of the default kind."""
    register_app(stage)
    return stage


def verified(stage: Stage, tokens: dict[str, Any], algorithm: str = "RS256") -> dict[str, Any]:
    """Return the claims of an ID token, verified by the published key that it names."""
    header = jws.extract_compact(tokens["id_token"].encode()).headers()
    published = stage.http.get("/jwks.json").json or {}
    (key,) = [key for key in published["keys"] if key["kid"] == header["kid"]]
    assert (key["use"], key["alg"], header["alg"]) == ("sig", algorithm, algorithm)
    keys = KeySet.import_key_set({"keys": [key]})
    return jwt.decode(tokens["id_token"], keys, algorithms=[algorithm]).claims


def exchanged(stage: Stage, client_id: str = "app", **parameters: str) -> dict[str, Any]:
    """Sign in to an app by way of a browser; return its tokens."""
    form = code_form(authorization_code(stage, client_id, None, **parameters))
    response = stage.post("/token", {"client_id": client_id, **form})
    assert response.status_code == 200, response.text
    return dict(response.json or {})


def refreshed(stage: Stage, tokens: dict[str, Any], **parameters: str) -> dict[str, Any]:
    """Refresh the app's tokens."""
    response = stage.refresh(tokens["refresh_token"], client_id="app", **parameters)
    return dict(response.json or {})


def test_it_says_who_for_whom_and_when(app: Stage) -> None:
    """It has every claim that is asked for, and no other. OpenID Connect Core 2, 3.1.3.6."""
    claims = verified(app, exchanged(app, nonce="a nonce, é"))
    now = int(app.clock())
    del claims["at_hash"]
    assert claims == {
        "iss": ISSUER,
        "sub": "subject of ada",
        "aud": "app",
        "iat": now,
        "exp": now + 3600,
        "auth_time": now,
        "nonce": "a nonce, é",
    }


def test_it_belongs_to_its_access_token(app: Stage) -> None:
    """at_hash is the left half of the access token's SHA-256. OpenID Connect Core 3.1.3.6."""
    first = exchanged(app)
    for tokens in (first, refreshed(app, first)):
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        expected = urlsafe_b64encode(half).rstrip(b"=").decode()
        assert verified(app, tokens)["at_hash"] == expected


def test_without_a_nonce_there_is_none(app: Stage) -> None:
    """A request without a nonce gets an ID token without one. OpenID Connect Core 3.1.3.6."""
    assert "nonce" not in verified(app, exchanged(app))


def test_times_are_whole_seconds(app: Stage) -> None:
    """Every time in it is a number without a fraction, as JSON readers expect. RFC 7519 2."""
    app.clock.advance(0.75)
    claims = verified(app, exchanged(app))
    assert all(type(claims[name]) is int for name in ("iat", "exp", "auth_time"))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_client_chooses_the_algorithm(stage: Stage, algorithm: str) -> None:
    """What it is registered with signs its ID tokens, refreshed ones too. Core 3.1.3.7."""
    register_app(stage, id_token_alg=algorithm)
    tokens = exchanged(stage)
    assert verified(stage, tokens, algorithm)["aud"] == "app"
    assert verified(stage, refreshed(stage, tokens), algorithm)["aud"] == "app"


def test_only_the_scope_openid_earns_one(app: Stage) -> None:
    """Without it the same request gets no ID token. OpenID Connect Core 3.1.2.1."""
    assert "id_token" not in exchanged(app, scope="profile", nonce="n")
    assert "id_token" in exchanged(app, scope="openid")


def test_a_refresh_brings_another_one(app: Stage) -> None:
    """It tells the same sign-in, a new iat, and no nonce. OpenID Connect Core 12.2."""
    first = exchanged(app, nonce="n")
    before = verified(app, first)
    app.clock.advance(1000)
    after = verified(app, refreshed(app, first))
    assert "nonce" not in after
    for name in ("iss", "sub", "aud", "auth_time"):
        assert after[name] == before[name]
    assert after["iat"] == before["iat"] + 1000


def test_a_refresh_without_openid_brings_none(app: Stage) -> None:
    """A narrower refresh has no ID token; the next whole one has. OpenID Connect Core 12.1."""
    narrow = refreshed(app, exchanged(app), scope="profile")
    assert "id_token" not in narrow
    assert "id_token" in refreshed(app, narrow)


def test_auth_time_is_when_the_person_signed_in(app: Stage) -> None:
    """Not when they consented, nor when the code was exchanged. OpenID Connect Core 2."""
    session = app.session()
    app.clock.advance(700)
    code = authorization_code(app, session=session)
    app.clock.advance(30)
    tokens = app.post("/token", {"client_id": "app", **code_form(code)}).json or {}
    assert verified(app, tokens)["auth_time"] == int(session.created_at)


def test_a_device_gets_one_too(stage: Stage) -> None:
    """It tells when the person who approved had signed in. OpenID Connect Core 2, TOK-08."""
    stage.register("radio", scopes=("openid", "profile"))
    session = stage.session()
    stage.clock.advance(100)
    codes = stage.start(client_id="radio")
    stage.server.approve(stage.claim(codes["user_code"], session), session)
    stage.clock.advance(100)
    tokens = stage.poll(codes["device_code"], client_id="radio").json or {}
    claims = verified(stage, tokens)
    assert (claims["sub"], claims["aud"]) == ("subject of ada", "radio")
    assert claims.get("auth_time") == int(session.created_at)
    again = stage.refresh(tokens["refresh_token"], client_id="radio").json or {}
    assert verified(stage, again).get("auth_time") == int(session.created_at)


def test_a_device_without_openid_gets_none(stage: Stage) -> None:
    """A scope that says nothing of it earns no ID token. OpenID Connect Core 3.1.2.1."""
    stage.register("radio", scopes=("openid", "profile"))
    codes = stage.start(client_id="radio", scope="profile")
    stage.approve(codes["user_code"])
    assert "id_token" not in (stage.poll(codes["device_code"], client_id="radio").json or {})


def test_a_client_for_itself_gets_none(stage: Stage) -> None:
    """There is nobody to tell of, whatever it is registered for. OpenID Connect Core 2."""
    _, secret = stage.server.register_client(
        "job", "The job", ("client_credentials", DEVICE_CODE), ("openid",), confidential=True
    )
    form = {"grant_type": "client_credentials", "client_id": "job", "client_secret": secret or ""}
    answer = stage.post("/token", form).json or {}
    assert "access_token" in answer
    assert "id_token" not in answer


def test_a_bound_answer_has_one_that_fits(app: Stage) -> None:
    """With a proof the ID token is as ever; at_hash is of the bound token. RFC 9449 5."""
    tokens = ProvingDevice(app, "app").post("/token", code_form(authorization_code(app))).json or {}
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    claims = verified(app, tokens)
    assert claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()
    assert "cnf" not in claims


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_it_is_no_access_token(stage: Stage, algorithm: str) -> None:
    """Neither the resource nor a refresh takes one, and nobody else is told of it. JW-01."""
    register_app(stage, id_token_alg=algorithm)
    secret = stage.register("api", confidential=True) or ""
    token = exchanged(stage)["id_token"]
    response = stage.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, error_of(response)) == (401, "invalid_token")
    assert error_of(stage.refresh(token, client_id="app")) == "invalid_grant"
    form = {"client_id": "api", "client_secret": secret, "token": token}
    assert stage.post("/introspect", form).json == {"active": False}


def test_an_access_token_is_no_id_token(app: Stage) -> None:
    """As a hint of whom an app expects it says nothing. JW-01."""
    tokens = exchanged(app)
    verify = app.server.ports.signer.verify_id_token
    assert verify(tokens["access_token"]) is None
    assert (verify(tokens["id_token"]) or {})["sub"] == "subject of ada"


def test_a_changed_one_is_none(app: Stage) -> None:
    """Whichever part is changed, it does not verify. OpenID Connect Core 3.1.3.7."""
    parts = exchanged(app)["id_token"].split(".")
    for number, part in enumerate(parts):
        changed = ("B" if part[5] == "A" else "A").join((part[:5], part[6:]))
        token = ".".join([*parts[:number], changed, *parts[number + 1 :]])
        assert app.server.ports.signer.verify_id_token(token) is None
