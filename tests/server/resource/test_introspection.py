"""A resource server that asks the issuer about each token."""

import json
from typing import Any

import pytest
from flask import Response

from server.resource import introspection
from tests.fakes import FakeClock
from tests.server.resource.played_issuer import INTROSPECT, METADATA, FilmAPI, PlayedIssuer

TOKEN = "an-opaque.token~+/=="


@pytest.fixture
def api(issuer: PlayedIssuer, clock: FakeClock) -> FilmAPI:
    """Give an API that asks as the client `films`."""
    return FilmAPI(issuer.url, clock, introspect_as=("films", "s%ret: of films"))


def living(issuer: PlayedIssuer, **changes: Any) -> dict[str, Any]:
    """Let the issuer know a token, and return what it says of it."""
    issuer.living[TOKEN] = issuer.claims(active=True, **changes)
    return issuer.living[TOKEN]


def test_a_living_token_opens(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A token that the issuer calls active lets in, and the view has its answer. RFC 7662 2.2."""
    said = living(issuer)
    assert api.get(TOKEN).json == {"for": "ada"}
    assert api.get(TOKEN, "/new films").json == said


def test_we_say_who_asks(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """The question carries client and secret, encoded each by itself. IN-01, RFC 6749 2.3.1."""
    api.get(TOKEN)
    asked = issuer.authorization
    assert asked is not None
    assert (asked.username, asked.password) == ("films", "s%25ret%3A+of+films")


def test_an_active_answer_is_good_for_half_a_minute(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """A revoked token is noticed after 30 s at the latest. RFC 7662 4."""
    living(issuer)
    assert api.status(TOKEN) == 200
    issuer.living.clear()
    clock.advance(29)
    assert api.status(TOKEN) == 200
    assert issuer.asked[INTROSPECT] == 1
    clock.advance(1)
    assert api.status(TOKEN) == 401


def test_no_answer_outlives_its_token(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """An active answer is not used past the end of the token. IN-04."""
    living(issuer, exp=int(clock()) + 7)
    assert api.status(TOKEN) == 200
    issuer.living.clear()
    clock.advance(6)
    assert api.status(TOKEN) == 200
    clock.advance(1)
    assert api.status(TOKEN) == 401


def test_a_refusal_is_not_remembered(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A token that is not active yet is asked about again. RFC 7662 4."""
    assert api.status(TOKEN) == 401
    living(issuer)
    assert api.status(TOKEN) == 200
    assert issuer.asked == {METADATA: 1, INTROSPECT: 2}


@pytest.mark.parametrize(
    "changes",
    [
        {"active": "true"},
        {"active": 1},
        {"active": None},
        {"iss": "https://evil.example.com"},
        {"aud": "https://other.example.com"},
        {"aud": None},
        {"exp": 1_800_000_000 - 10},
        {"exp": "later"},
        {"nbf": 1_800_000_011},
        {"scope": ["profile", "library"]},
    ],
)
def test_active_alone_is_not_enough(
    api: FilmAPI, issuer: PlayedIssuer, changes: dict[str, Any]
) -> None:
    """An active token for others, or of another time, is refused all the same. IN-03."""
    issuer.living[TOKEN] = issuer.claims(**{"active": True, **changes})
    assert api.status(TOKEN) == 401


def test_a_bound_token_is_no_bearer_token(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """The key that the answer names counts as one that a token names. RFC 9449 6.2, DP-02."""
    living(issuer, cnf={"jkt": "somebody's"})
    assert api.status(TOKEN) == 401


@pytest.mark.parametrize("answer", [Response("{}", 401), Response("{}", 500), Response("no")])
def test_an_issuer_that_cannot_say(
    api: FilmAPI, issuer: PlayedIssuer, answer: Response, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer, or none to us, is 503 and a line for the operator without the token. RB-07."""
    living(issuer)
    issuer.instead[INTROSPECT] = answer
    response = api.get(TOKEN)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert issuer.url in caplog.text
    assert TOKEN not in caplog.text
    issuer.come_back()
    assert api.status(TOKEN) == 200


def test_an_issuer_without_introspection(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """Metadata without the endpoint is 503, and nobody comes in. RFC 8414 2."""
    issuer.instead[METADATA] = Response(json.dumps({"issuer": issuer.url}))
    assert api.status(TOKEN) == 503


def test_memory_is_bounded(
    issuer: PlayedIssuer, api: FilmAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest answer makes room for a new one. RFC 7662 4."""
    monkeypatch.setattr(introspection, "_MOST", 2)
    for token in ("a", "b", "c", "c", "b"):
        issuer.living[token] = issuer.claims(active=True)
        assert api.status(token) == 200
    assert issuer.asked[INTROSPECT] == 3


def test_views_cannot_change_what_is_remembered(issuer: PlayedIssuer, clock: FakeClock) -> None:
    """Each request has claims of its own. RFC 7662 4."""
    living(issuer)
    checker = introspection.Introspection(
        issuer.url, "https://api.example.com", ("films", "secret"), clock
    )
    first = checker.claims(TOKEN, clock())
    assert isinstance(first, dict)
    first["sub"] = "eve"
    assert (checker.claims(TOKEN, clock()) or {})["sub"] == "ada"
