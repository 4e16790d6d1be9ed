"""Which web pages elsewhere may read which answers, through both doors."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.core.ports import StoreUnavailable
from server.endpoints import ENDPOINTS
from tests.server.stage import Stage, basic

PAGE, OTHER, EVIL = "https://app.example", "https://other.example", "https://evil.example"
BY_CLIENT = ["/device_authorization", "/token", "/revoke"]
LISTED = [*BY_CLIENT, "/userinfo"]
PUBLIC = [
    "/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
]
CLOSED = ["/par", "/introspect", "/health"]
PAGES = ["/", "/device", "/D/WDJBMJHT", "/sign-in", "/authorize", "/logout", "/authorize/decision"]
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def listing(any_stage: Stage) -> Stage:
    """Give a server that knows a page for each of two clients, beside a TV without any."""
    any_stage.register("app", origins=(PAGE,))
    any_stage.register("other", origins=(OTHER, "null"))
    return any_stage


def told(response: TestResponse) -> dict[str, str]:
    """Return what an answer says of other origins."""
    return {
        name: value
        for name, value in response.headers
        if name.startswith("Access-Control-") or name == "Vary"
    }


def preflight(stage: Stage, path: str, origin: str = PAGE) -> TestResponse:
    """Ask as a browser asks before a page may send a form with further headers."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "prefer",
    }
    return stage.http.open(path, method="OPTIONS", headers=headers)


def ask(stage: Stage, path: str, origin: str = PAGE, **form: str) -> TestResponse:
    """Send a form as a page does."""
    return stage.post(path, form, {"Origin": origin})


@pytest.mark.parametrize("path", BY_CLIENT)
def test_the_page_of_a_client_reads_its_answers(listing: Stage, path: str) -> None:
    """Refusals too, with the headers that a device needs; cookies take no part. TE-13, 9700 2.6."""
    assert told(ask(listing, path, client_id="app")) == {
        ALLOWED: PAGE,
        "Vary": "Origin",
        "Access-Control-Expose-Headers": "Preference-Applied, Retry-After, DPoP-Nonce, "
        "WWW-Authenticate",
    }


@pytest.mark.parametrize("path", BY_CLIENT)
@pytest.mark.parametrize(
    ("origin", "form"),
    [
        (EVIL, {"client_id": "app"}),
        (OTHER, {"client_id": "app"}),
        (PAGE, {"client_id": "tv"}),
        (PAGE, {"client_id": "nobody"}),
        (PAGE, {}),
        ("https://app.example.evil.example", {"client_id": "app"}),
        ("HTTPS://APP.EXAMPLE", {"client_id": "app"}),
        ("http://app.example", {"client_id": "app"}),
        ("https://app.example:8443", {"client_id": "app"}),
        (f"{OTHER} null", {"client_id": "other"}),
        ("", {"client_id": "tv"}),
        ("null", {"client_id": "app"}),
        ("*", {"client_id": "app"}),
    ],
)
def test_other_pages_do_not(listing: Stage, path: str, origin: str, form: dict[str, str]) -> None:
    """Another origin, another client's, or no client: no page reads that answer. TE-13."""
    assert told(ask(listing, path, origin, **form)) == {"Vary": "Origin"}


@pytest.mark.parametrize("path", BY_CLIENT)
@pytest.mark.parametrize("body", ["client_id=app&client_id=app", b"client_id=app&x=\xff"])
def test_an_improper_form_names_nobody(listing: Stage, path: str, body: str | bytes) -> None:
    """What is refused before its client is known is told to no page. TE-13."""
    assert told(listing.post(path, body, {"Origin": PAGE})) == {"Vary": "Origin"}


def test_a_client_is_named_in_the_form(listing: Stage) -> None:
    """The header of HTTP Basic names no page's client: a page has no secret to prove. TE-13."""
    answer = listing.post("/token", {}, {"Origin": PAGE, **basic("app", "")})
    assert told(answer) == {"Vary": "Origin"}


@pytest.mark.parametrize("path", LISTED)
@pytest.mark.parametrize("origin", [PAGE, OTHER, "null"])
def test_a_preflight_is_granted_to_every_listed_origin(
    listing: Stage, path: str, origin: str
) -> None:
    """It names no client; the headers of devices are allowed, and cookies are not. TE-13."""
    answer = preflight(listing, path, origin)
    assert answer.status_code == 200
    assert told(answer) == {
        ALLOWED: origin,
        "Vary": "Origin",
        "Access-Control-Allow-Methods": "GET, HEAD, POST" if path == "/userinfo" else "POST",
        "Access-Control-Allow-Headers": "Content-Type, Prefer, Authorization, DPoP",
        "Access-Control-Max-Age": "7200",
    }


@pytest.mark.parametrize("path", LISTED)
@pytest.mark.parametrize("origin", [EVIL, "", "https://app.example/", f"{OTHER} null"])
def test_a_preflight_of_a_stranger_is_refused(listing: Stage, path: str, origin: str) -> None:
    """An origin that nobody lists hears 405 as everybody without one does. TE-13."""
    answer = preflight(listing, path, origin)
    assert (answer.status_code, told(answer)) == (405, {"Vary": "Origin"})


@pytest.mark.parametrize("path", [*LISTED, *PUBLIC])
def test_without_an_origin_nothing_is_a_preflight(listing: Stage, path: str) -> None:
    """OPTIONS alone is a method like others that are not offered. RFC 9110 15.5.6."""
    answer = listing.http.open(path, method="OPTIONS")
    assert (answer.status_code, told(answer)) == (405, {})


@pytest.mark.parametrize("path", PUBLIC)
def test_metadata_and_keys_are_for_every_page(listing: Stage, path: str) -> None:
    """They are public and the same for all, as caches keep them: Origin or not. TE-13, 9700 2.6."""
    for headers in ({}, {"Origin": PAGE}, {"Origin": EVIL}, {"Origin": "null"}):
        answer = listing.http.get(path, headers=headers)
        assert answer.status_code == 200
        assert told(answer) == {ALLOWED: "*"}
    assert preflight(listing, path, EVIL).status_code == 200
    assert told(preflight(listing, path, EVIL))[ALLOWED] == "*"


def test_the_page_of_any_client_reads_userinfo(listing: Stage) -> None:
    """The token is the proof, whoever lists the page: by name or refused. TE-13, Core 5.3."""
    bearer = {"Authorization": f"Bearer {listing.signed_in()['access_token']}"}
    for headers, status in ((bearer, 200), ({}, 401)):
        answer = listing.http.get("/userinfo", headers={"Origin": PAGE, **headers})
        assert (answer.status_code, told(answer)[ALLOWED]) == (status, PAGE)
        answer = listing.http.get("/userinfo", headers={"Origin": EVIL, **headers})
        assert (answer.status_code, told(answer)) == (status, {"Vary": "Origin"})


@pytest.mark.parametrize("path", [*CLOSED, *PAGES])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("origin", [PAGE, "null"])
def test_all_else_is_for_no_page(listing: Stage, path: str, method: str, origin: str) -> None:
    """Neither people's pages nor introspection nor pushing: not even for listed ones. TE-13."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = listing.http.open(path, method=method, headers=headers)
    assert not [name for name in told(answer) if name.startswith("Access-Control-")]


def test_credentials_are_never_allowed(listing: Stage) -> None:
    """No answer of any endpoint lets a page send cookies along. TE-13."""
    for endpoint in ENDPOINTS:
        for method in (*endpoint.methods, "OPTIONS"):
            form = {"client_id": "app"}
            answer = listing.http.open(
                endpoint.path, method=method, data=form, headers={"Origin": PAGE}
            )
            assert "Access-Control-Allow-Credentials" not in answer.headers


def test_whose_page_it_is_not_is_served_all_the_same(listing: Stage) -> None:
    """Who may read is all that an origin decides: a server's form with one works. RFC 8628 3.2."""
    codes = ask(listing, "/device_authorization", EVIL, client_id="tv")
    assert codes.status_code == 200


def test_a_sign_in_from_a_page(listing: Stage) -> None:
    """Codes, a poll and the tokens can be read, from start to end. RFC 8628 3.1-3.5."""
    codes: dict[str, Any] = ask(listing, "/device_authorization", client_id="app").json or {}
    listing.approve(codes["user_code"])
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
    answer = ask(listing, "/token", client_id="app", device_code=codes["device_code"], **grant)
    assert (answer.status_code, told(answer)[ALLOWED]) == (200, PAGE)


@pytest.mark.parametrize("path", LISTED)
def test_without_a_store_no_page_reads(
    listing: Stage, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose page it is cannot be told then: the answer stays what it is, unread. LO-02."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    clients = listing.server.ports.clients
    monkeypatch.setattr(clients, "find", fail)
    monkeypatch.setattr(clients, "origins", fail)
    answer = ask(listing, path, client_id="app", grant_type="refresh_token")
    assert answer.status_code == (401 if path == "/userinfo" else 503)
    assert told(answer) == {"Vary": "Origin"}
