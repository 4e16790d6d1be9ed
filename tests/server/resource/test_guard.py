"""What a guarded view lets in, and the words and headers of its refusals."""

import pytest
from flask import Flask

from server.jwt_reader import ALGORITHMS
from server.resource import ResourceServer
from tests.fakes import FakeClock
from tests.server.resource.played_issuer import AUDIENCE, FilmAPI, PlayedIssuer

CHALLENGE = f'realm="{AUDIENCE}"'
ERROR = 'error="invalid_token", error_description="the access token is not valid"'
SCOPE = 'scope="profile library"'


def test_no_token_is_no_error(api: FilmAPI) -> None:
    """A request without a token hears both schemes and no error code. BR-02."""
    response = api.app.test_client().get("/films")
    assert response.status_code == 401
    assert response.headers.getlist("WWW-Authenticate") == [
        f"Bearer {CHALLENGE}, {SCOPE}",
        f'DPoP {CHALLENGE}, {SCOPE}, algs="{" ".join(ALGORITHMS)}"',
    ]
    assert response.json == {"error_description": "an access token is needed"}
    assert response.headers["Cache-Control"] == "no-store"


def test_an_invalid_token(api: FilmAPI) -> None:
    """401 invalid_token, in header and body. BR-03."""
    response = api.get("x.y.z")
    assert response.status_code == 401
    assert response.headers.getlist("WWW-Authenticate") == [
        f"Bearer {CHALLENGE}, {ERROR}, {SCOPE}",
        f'DPoP {CHALLENGE}, {SCOPE}, algs="{" ".join(ALGORITHMS)}"',
    ]
    assert response.json == {
        "error": "invalid_token",
        "error_description": "the access token is not valid",
    }


@pytest.mark.parametrize("scope", ["profile", "library", "", None, "profile  libraryx", "PROFILE"])
def test_too_little_scope(api: FilmAPI, issuer: PlayedIssuer, scope: str | None) -> None:
    """403 insufficient_scope, and all scopes that are needed. BR-03."""
    response = api.get(issuer.token(scope=scope))
    assert response.status_code == 403
    assert response.headers.getlist("WWW-Authenticate")[0] == (
        f'Bearer {CHALLENGE}, error="insufficient_scope", '
        f'error_description="the access token lacks a scope", {SCOPE}'
    )
    assert response.json == {
        "error": "insufficient_scope",
        "error_description": "the access token lacks a scope",
        "scope": "profile library",
    }


def test_no_scope_may_be_enough(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A view that asks for no scope takes every token of this audience. RFC 9068 4."""
    assert api.get(issuer.token(scope=None), "/new films").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "{}",
        "Basic {}",
        "",
        "Bearer",
        "Bearer ",
        "Bearer  {}",
        " Bearer {}",
        "Bearer\t{}",
        "Bearer {} ",
        "Bearer {},Bearer {}",
        "Bearer, Bearer {}",
        'Bearer token="{}"',
        "Bearer={}",
        "Bearer {} {}",
        "DPoP {}",
    ],
)
def test_the_header_is_read_strictly(api: FilmAPI, issuer: PlayedIssuer, header: str) -> None:
    """One scheme, one space, one token; or nobody comes in, with the right token even. BR-05."""
    headers = {"Authorization": header.replace("{}", issuer.token())}
    response = api.app.test_client().get("/films", headers=headers)
    assert response.status_code == 401
    wrong = header.startswith(("Bearer", "DPoP"))
    assert ((response.json or {}).get("error") == "invalid_token") is wrong


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_a_scheme_has_no_case(api: FilmAPI, issuer: PlayedIssuer, scheme: str) -> None:
    """The scheme may be written in small letters. RFC 9110 11.1."""
    headers = {"Authorization": f"{scheme} {issuer.token()}"}
    assert api.app.test_client().get("/films", headers=headers).status_code == 200


def test_no_other_place_is_looked_at(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A token in the query, a form or a cookie is no token. BR-04, BR-07."""
    token = issuer.token()
    browser = api.app.test_client()
    browser.set_cookie("access_token", token)
    assert browser.get(f"/films?access_token={token}").status_code == 401
    assert browser.post("/films", data={"access_token": token}).status_code == 401


def test_an_unguarded_view_has_no_token(api: FilmAPI) -> None:
    """A view that forgot its guard fails, and does not see somebody else's claims. ASVS 8.3."""
    with pytest.raises(LookupError, match="not behind requires"):
        api.app.test_client().get("/open")


def test_views_stay_themselves(issuer: PlayedIssuer) -> None:
    """A guarded view keeps its name, so that Flask can tell it from others. RFC 6750 3."""
    protected = ResourceServer(issuer.url, AUDIENCE)

    @protected.requires("profile")
    def films() -> str:
        """List films."""
        return ""

    assert (films.__name__, films.__doc__) == ("films", "List films.")


def test_arguments_reach_the_view(issuer: PlayedIssuer, clock: FakeClock) -> None:
    """What the route found in the path comes through the guard. RFC 6750 2.1."""
    protected = ResourceServer(issuer.url, AUDIENCE, clock=clock)
    app = Flask("numbers", static_folder=None)

    @app.get("/<int:number>")
    @protected.requires()
    def following(number: int) -> dict[str, int]:
        return {"next": number + 1}

    headers = {"Authorization": f"Bearer {issuer.token()}"}
    assert app.test_client().get("/41", headers=headers).json == {"next": 42}


@pytest.mark.parametrize(
    "audience", ["", "a b", 'https://a"', "https://a\r\nX: y", "https://ä", "films"]
)
def test_a_wrong_audience_is_told(audience: str) -> None:
    """What cannot stand in a header, or is no address and comes without one, is told at the start.

    RFC 6750 3.
    """
    with pytest.raises(ValueError, match="audience"):
        ResourceServer("https://pair.example.com", audience)


@pytest.mark.parametrize("scope", ["", "a b", 'a"', "a\\"])
def test_a_wrong_scope_is_told(api: FilmAPI, scope: str) -> None:
    """A scope that is none, or several in one text, is told at the start. RFC 6749 3.3."""
    with pytest.raises(ValueError, match="not a scope"):
        api.protected.requires(scope)
