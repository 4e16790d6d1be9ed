"""Which access tokens a resource server takes, checked by the issuer's keys."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from server.resource.access_token import SignedTokens, is_timely
from server.resource.fetching import Unavailable
from server.resource.issuer import PublishedKey, PublishedKeys
from server.resource.kept import Kept
from tests.fakes import FakeClock
from tests.server.resource.played_issuer import AUDIENCE, JWKS, METADATA, FilmAPI, PlayedIssuer


def test_a_good_token_opens(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A token of this issuer for this audience lets in, and the view has its claims. RFC 9068 4."""
    response = api.get(issuer.token())
    assert (response.status_code, response.json) == (200, {"for": "ada"})
    assert api.get(issuer.token(), "/new films").json == issuer.claims()


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["https://other.example.com", AUDIENCE]},
        {"nbf": 1_800_000_000},
        {"iat": 1_800_000_005},
        {"scope": "library more profile"},
        {"exp": 1_800_000_000 - 5},
    ],
)
def test_a_good_token_may_be_so(
    api: FilmAPI, issuer: PlayedIssuer, changes: dict[str, Any]
) -> None:
    """Several audiences, more scope and clocks some seconds apart are fine. RFC 9068 4."""
    assert api.status(issuer.token(**changes)) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.com"},
        {"aud": "https://other.example.com"},
        {"aud": ["https://other.example.com"]},
        {"aud": AUDIENCE + "/"},
        {"aud": {AUDIENCE: 1}},
        {"exp": 1_800_000_000 - 10},
        {"exp": "1900000000"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": 1_800_000_011},
        {"nbf": "now"},
        {"iat": 1_800_000_011},
        {"iat": float("inf")},
        {"nbf": 10**400},
        {"scope": ["profile", "library"]},
        *({name: None} for name in ("iss", "aud", "exp", "iat", "sub", "client_id", "jti")),
    ],
)
def test_another_claim_is_refused(
    api: FilmAPI, issuer: PlayedIssuer, changes: dict[str, Any]
) -> None:
    """A token of ours for others, of another time, or with a claim missing is refused. JW-01."""
    response = api.get(issuer.token(**changes))
    assert (response.status_code, (response.json or {})["error"]) == (401, "invalid_token")
    assert not issuer.asked


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "id+jwt"},
        {"typ": "logout+jwt"},
        {"kid": "../../etc"},
        {"jku": "https://evil.example.com/keys"},
        {"x5u": "https://evil.example.com/key"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
    ],
)
def test_another_header_is_refused(
    api: FilmAPI, issuer: PlayedIssuer, header: dict[str, Any]
) -> None:
    """An ID token, or a key that the token brings or names itself, is refused. JW-01, JW-02."""
    assert api.status(issuer.token(header)) == 401


def test_a_token_expires(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """A token is good until its end and some seconds, no longer. RFC 9068 4."""
    token = issuer.token()
    clock.advance(3609)
    assert api.status(token) == 200
    clock.advance(1)
    assert api.status(token) == 401


def forged(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """Write a token with an HMAC under a secret, or with no signature at all."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    signing_input = b".".join(part.rstrip(b"=") for part in parts)
    mac = hmac.digest(secret, signing_input, hashlib.sha256) if secret else b""
    return (signing_input + b"." + urlsafe_b64encode(mac).rstrip(b"=")).decode()


def test_no_signature_is_refused(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """`none` in any spelling is refused, with a known key ID or without one. JW-02."""
    for name in ("none", "None", "NONE", "nOnE", "", None):
        for kid in (issuer.keys[0].kid, None, 5):
            header = {"alg": name, "typ": "at+jwt", "kid": kid}
            assert api.status(forged(header, issuer.claims(), None)) == 401


def test_a_public_key_is_no_shared_secret(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """HS256 with the published key as its secret is refused. JW-02, CVE-2026-28802."""
    key = issuer.keys[0]
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    for secret in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        assert api.status(forged(header, issuer.claims(), secret)) == 401


def test_another_key_is_refused(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A signature by a key of a stranger under a published key ID is refused. TE-09."""
    known = issuer.keys[-1].kid
    stranger = PlayedIssuer(issuer.clock)
    assert api.status(stranger.token({"kid": known}, iss=issuer.url)) == 401


def test_a_key_is_for_one_algorithm(clock: FakeClock) -> None:
    """A key published for RS256 verifies RS256 and not PS256. JW-03."""
    key = RSAKey.generate_key(2048, {"kid": "r"})
    keys = Kept[PublishedKeys](lambda: {"r": PublishedKey(key, "RS256")}, clock)
    tokens = SignedTokens("https://pair.example.com", AUDIENCE, keys)
    who = {"iss": "https://pair.example.com", "aud": AUDIENCE, "sub": "ada", "client_id": "tv"}
    claims = {**who, "jti": "1", "iat": int(clock()), "exp": int(clock()) + 60}
    for algorithm, good in (("RS256", True), ("PS256", False)):
        header = {"alg": algorithm, "typ": "at+jwt", "kid": "r"}
        token = jwt.encode(header, claims, key, algorithms=[algorithm])
        assert (tokens.claims(token, clock()) == claims) is good


def test_a_truncated_token_is_refused(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """No beginning of a token is a token. TE-09, CVE-2026-27840."""
    token = issuer.token()
    assert not any(api.status(token[:end]) == 200 for end in range(len(token)))


def _never() -> Any:
    raise Unavailable("nobody should ask")


@given(st.text() | st.dictionaries(st.sampled_from(["alg", "typ"]), st.just("at+jwt")).map(str))
@example("..")
@example("bnVsbA.bnVsbA.AAAA")
@example("e30.e30.")
def test_anything_else_is_refused(text: str) -> None:
    """Whatever is sent as a token is refused, nothing is raised and nobody asked. JW-03."""
    tokens = SignedTokens("https://pair.example.com", AUDIENCE, Kept(_never, FakeClock()))
    assert tokens.claims(text, 0) is None


@given(st.dictionaries(st.sampled_from(["exp", "iat", "nbf"]), st.floats() | st.booleans()))
def test_strange_times_are_never_raised(claims: dict[str, Any]) -> None:
    """NaN, infinity and truth are times of no token. RFC 7519 2."""
    if is_timely(claims, 0.0):
        assert all(type(value) is float and abs(value) < float("inf") for value in claims.values())


def test_refused_tokens_cost_the_issuer_nothing(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """Metadata and keys are asked for once, however many tokens come. RFC 9068 4."""
    for _ in range(5):
        api.get(issuer.token())
        api.get(issuer.token(aud="https://other.example.com"))
    assert issuer.asked == {METADATA: 1, JWKS: 1}
