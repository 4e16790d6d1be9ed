"""Tokens as APIs and applications check them, with three libraries for JOSE."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jwt
import pytest
import requests
from jose import jwt as python_jose  # type: ignore[import-untyped]
from jose.exceptions import JWTError  # type: ignore[import-untyped]
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests_oauth2client import OAuth2Client, PublicApp

from tests.clients.issuer import CALLBACK, Issuer
from tests.clients.person import Person

Claims = Mapping[str, Any]
Validate = Callable[[str, str, str, str], Claims]


class Tokens(NamedTuple):
    """What a sign-in brought, and for whom."""

    client_id: str
    access_token: str
    id_token: str
    algorithm: str  # of the ID token
    nonce: str


def pyjwt(token: str, algorithm: str, audience: str, issuer: str) -> Claims:
    """Validate with PyJWT, which finds the key by itself."""
    key = jwt.PyJWKClient(f"{issuer}/jwks.json").get_signing_key_from_jwt(token)
    found: Claims = jwt.decode(token, key, [algorithm], audience=audience, issuer=issuer)
    return found


def joserfc(token: str, algorithm: str, audience: str, issuer: str) -> Claims:
    """Validate with joserfc."""
    keys = KeySet.import_key_set(requests.get(f"{issuer}/jwks.json").json())
    claims = joserfc_jwt.decode(token, keys, [algorithm]).claims
    registry = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer}, aud={"essential": True, "value": audience}
    )
    registry.validate(claims)
    return claims


def jose(token: str, algorithm: str, audience: str, issuer: str) -> Claims:
    """Validate with python-jose, which is given the one key: a set must be all of one type."""
    found: Claims = python_jose.decode(
        token,
        key_of(token, issuer),
        [algorithm],
        audience=audience,
        issuer=issuer,
        options={"verify_at_hash": False},
    )
    return found


def key_of(token: str, issuer: str) -> dict[str, Any]:
    """Return the published key that a token names."""
    name = python_jose.get_unverified_header(token)["kid"]
    keys = requests.get(f"{issuer}/jwks.json").json()["keys"]
    return next(key for key in keys if key["kid"] == name)


VALIDATORS = pytest.mark.parametrize("validate", [pyjwt, joserfc, jose])
_REFUSALS = (jwt.InvalidTokenError, JoseError, JWTError)


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def tokens(issuer: Issuer, person: Person, request: pytest.FixtureRequest) -> Tokens:
    """Sign in to a client whose ID tokens are signed by either algorithm."""
    client = issuer.register("authorization_code", id_token_alg=request.param)
    oauth = OAuth2Client(
        f"{issuer.url}/token",
        PublicApp(client.client_id),
        authorization_endpoint=f"{issuer.url}/authorize",
        redirect_uri=CALLBACK,
    )
    asked = oauth.authorization_request(scope="openid profile")
    answer = asked.validate_callback(person.decide(asked.uri))
    found = oauth.authorization_code(answer, validate=False)
    return Tokens(
        client.client_id, found.access_token, str(found.id_token), request.param, str(asked.nonce)
    )


@VALIDATORS
def test_id_token(issuer: Issuer, tokens: Tokens, validate: Validate) -> None:
    """An ID token is good to its client and carries the nonce. OpenID Connect Core 3.1.3.7."""
    claims = validate(tokens.id_token, tokens.algorithm, tokens.client_id, issuer.url)
    assert claims["nonce"] == tokens.nonce
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]


@VALIDATORS
def test_access_token(issuer: Issuer, tokens: Tokens, validate: Validate) -> None:
    """An access token is a JWT of the profile that any API can check. RFC 9068 2."""
    assert jwt.get_unverified_header(tokens.access_token)["typ"] == "at+jwt"
    claims = validate(tokens.access_token, "ES256", issuer.url, issuer.url)
    assert claims["client_id"] == tokens.client_id
    assert claims["scope"] == "openid profile"


@VALIDATORS
def test_another_audience(issuer: Issuer, tokens: Tokens, validate: Validate) -> None:
    """A token for one is refused by another. RFC 9068 4."""
    with pytest.raises(_REFUSALS):
        validate(tokens.access_token, "ES256", "https://other.example", issuer.url)


def test_access_token_hash(issuer: Issuer, tokens: Tokens) -> None:
    """at_hash ties both tokens together: python-jose checks it. OpenID Connect Core 3.1.3.8."""
    key = key_of(tokens.id_token, issuer.url)
    who = {"audience": tokens.client_id, "issuer": issuer.url}
    both = python_jose.decode(tokens.id_token, key, access_token=tokens.access_token, **who)
    assert both["at_hash"]
    with pytest.raises(JWTError):
        python_jose.decode(tokens.id_token, key, access_token="another", **who)
