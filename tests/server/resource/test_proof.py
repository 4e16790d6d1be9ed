"""DPoP at a resource server: tokens that only the holder of a key can use."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from werkzeug.test import TestResponse

from server.jwt_reader import ALGORITHMS
from server.resource.fetching import Unavailable
from server.resource.proof import SeenProofs, same_address
from tests.fakes import FakeClock
from tests.server.resource.played_issuer import AUDIENCE, FilmAPI, PlayedIssuer, new_key

KEY = new_key()


def bound(issuer: PlayedIssuer, **changes: Any) -> str:
    """Sign a token that is bound to our key."""
    return issuer.token(cnf={"jkt": KEY.thumbprint()}, **changes)


def ath(token: str) -> str:
    """Return what a proof says of the token it comes with."""
    return urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()


def proof(token: str, clock: FakeClock, **changes: Any) -> str:
    """Sign a proof for a call with this token, changed; None leaves a claim out."""
    good = {
        "htm": "GET",
        "htu": f"{AUDIENCE}/films",
        "iat": int(clock()),
        "jti": "first",
        "ath": ath(token),
    }
    claims = {name: value for name, value in {**good, **changes}.items() if value is not None}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.as_dict(private=False)}
    return jwt.encode(header, claims, KEY, algorithms=["ES256"])


def call(api: FilmAPI, token: str, proof: str | None, path: str = "/films") -> TestResponse:
    """Call with the scheme DPoP."""
    headers = {"Authorization": f"DPoP {token}", **({"DPoP": proof} if proof is not None else {})}
    return api.app.test_client().get(path, headers=headers)


def error(response: TestResponse) -> str:
    """Return the error, which must be the same in body and header, under DPoP."""
    assert response.status_code == 401
    code = str((response.json or {})["error"])
    first, second = response.headers.getlist("WWW-Authenticate")
    assert first.startswith("DPoP ")
    assert first.endswith(f'algs="{" ".join(ALGORITHMS)}"')
    assert f'error="{code}"' in first
    assert second.startswith("Bearer ")
    assert "error" not in second
    return code


def test_a_bound_token_with_its_proof(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """A token and a proof of its key, for this request, let in. DP-02."""
    token = bound(issuer)
    assert call(api, token, proof(token, clock)).json == {"for": "ada"}


def test_a_bound_token_is_no_bearer_token(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """A stolen bound token is refused under Bearer, with a proof or without. DP-02."""
    token = bound(issuer)
    for headers in ({}, {"DPoP": proof(token, clock)}):
        response = api.get(token, **headers)
        assert (response.status_code, (response.json or {})["error"]) == (401, "invalid_token")


def test_a_bearer_token_is_no_bound_token(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """A token that is bound to nothing is refused under DPoP. DP-02."""
    token = issuer.token()
    assert error(call(api, token, proof(token, clock))) == "invalid_token"


@pytest.mark.parametrize("confirmation", [{}, {"x5t#S256": "AA"}, {"jkt": 5}, "jkt", [], False])
def test_another_confirmation_is_refused(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock, confirmation: object
) -> None:
    """A token bound in a way that we cannot check is refused under both schemes. RFC 7800 3.1."""
    token = issuer.token(cnf=confirmation)
    assert api.status(token) == 401
    assert error(call(api, token, proof(token, clock))) == "invalid_token"


def test_the_key_of_another(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """A thief's own proof does not open somebody else's token. DP-02."""
    token = issuer.token(cnf={"jkt": new_key().thumbprint()})
    assert error(call(api, token, proof(token, clock))) == "invalid_token"


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "POST"},
        {"htm": "get"},
        {"htm": None},
        {"htu": f"{AUDIENCE}/other"},
        {"htu": "https://other.example.com/films"},
        {"htu": "http://api.example.com/films"},
        {"htu": "https://api.example.com:8443/films"},
        {"htu": "/films"},
        {"htu": "https://[/films"},
        {"htu": None},
        {"htu": 5},
        {"iat": 1_800_000_000 - 61},
        {"iat": 1_800_000_000 + 61},
        {"iat": float("nan")},
        {"iat": 10**400},
        {"iat": "1800000000"},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"ath": None},
        {"ath": "AA"},
    ],
)
def test_a_proof_for_something_else(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock, changes: dict[str, Any]
) -> None:
    """A proof for another method, address, time or token, or without one, is refused. DP-02."""
    token = bound(issuer)
    assert error(call(api, token, proof(token, clock, **changes))) == "invalid_dpop_proof"


@pytest.mark.parametrize("header", [None, "", "x", "x.y.z", "{}, {}"])
def test_no_proof(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock, header: str | None) -> None:
    """A missing, broken or doubled DPoP header is refused. RFC 9449 4.3."""
    token = bound(issuer)
    sent = header and header.replace("{}", proof(token, clock))
    assert error(call(api, token, sent)) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://API.example.com/films",
        "https://api.example.com:443/films",
        "https://api.example.com/films?page=2#end",
        "https://api.example.com/%66ilms",
    ],
)
def test_an_address_may_be_written_otherwise(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock, htu: str
) -> None:
    """Case, default port, escapes, query and fragment make no difference. RFC 9449 4.3."""
    token = bound(issuer)
    assert call(api, token, proof(token, clock, htu=htu), "/films?page=1").status_code == 200


def test_the_address_may_be_another(issuer: PlayedIssuer, clock: FakeClock) -> None:
    """An API behind a proxy that cuts off a path is told its address. RFC 9449 4.3."""
    api = FilmAPI(issuer.url, clock, address="http://localhost:5000/v1/")
    token = bound(issuer)
    sent = proof(token, clock, htu="http://localhost:5000/v1/new%20films")
    assert call(api, token, sent, "/new films").status_code == 200
    assert error(call(api, token, proof(token, clock))) == "invalid_dpop_proof"


def test_a_host_header_says_nothing(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """A proof for another host is refused, though the request claims to be there. DP-02."""
    token = bound(issuer)
    sent = proof(token, clock, htu="https://evil.example.com/films")
    headers = {"Authorization": f"DPoP {token}", "DPoP": sent, "Host": "evil.example.com"}
    response = api.app.test_client().get("/films", headers=headers)
    assert error(response) == "invalid_dpop_proof"


def test_a_proof_is_good_once(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """A proof that comes again is refused for as long as it could be in time. DP-02."""
    token = bound(issuer)
    sent = proof(token, clock, iat=int(clock()) + 60)
    assert call(api, token, sent).status_code == 200
    for seconds in (0, 60, 60):
        clock.advance(seconds)
        assert error(call(api, token, sent)) == "invalid_dpop_proof"
        other = proof(token, clock, jti=f"other {clock()}{seconds}")
        assert call(api, token, other).status_code == 200


def test_a_refused_proof_is_not_used_up(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """A stranger who knows an identifier cannot spend it for its owner. DP-02."""
    token = bound(issuer)
    assert error(call(api, token, proof(token, clock, htm="POST"))) == "invalid_dpop_proof"
    assert call(api, token, proof(token, clock)).status_code == 200


def test_scope_counts_under_dpop(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """A bound token without the scope is insufficient_scope, in the challenge of DPoP. BR-03."""
    token = bound(issuer, scope="profile")
    response = call(api, token, proof(token, clock))
    assert response.status_code == 403
    assert response.headers.getlist("WWW-Authenticate")[0].startswith("DPoP ")


def test_memory_of_proofs_is_bounded() -> None:
    """A full memory takes no further proof, and is emptied as time goes by. RFC 9449 11.1."""
    seen = SeenProofs(most=2)
    assert seen.is_first("a", "key", 1000)
    assert seen.is_first("b", "key", 1000)
    with pytest.raises(Unavailable):
        seen.is_first("c", "key", 1100)
    assert not seen.is_first("a", "key", 1100)
    assert seen.is_first("c", "key", 1121)
    assert not seen.is_first("a", "key", 1121)
    assert seen.is_first("a", "key", 1300)


def test_identifiers_belong_to_keys() -> None:
    """Two devices may choose the same identifier. RFC 9449 11.1."""
    seen = SeenProofs()
    assert seen.is_first("a", "one key", 1000)
    assert seen.is_first("a", "another key", 1000)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example:99999/x", "https://a.example:99999/x"),
        ("ftp://a.example/x", "ftp://a.example/x"),
    ],
)
def test_different_addresses(one: str, other: str) -> None:
    """Path, host and port count, and only http has addresses. RFC 9449 4.3."""
    assert not same_address(one, other)
