"""Signing out at an app's wish: whose wish, and where to afterwards."""

import pytest

from server.core.logout import Logout
from tests.server.browser_app import BrowserApp
from tests.server.core.forged_addresses import FORGED, KNOWN, WEB
from tests.server.stage import Stage

NOWHERE = Logout(None, None)


@pytest.fixture
def app(stage: Stage) -> BrowserApp:
    """Give a client with addresses for after a logout."""
    return BrowserApp(stage, logout_redirect_uris=KNOWN)


def wish(app: BrowserApp, **parameters: str) -> Logout:
    """Ask for a logout as this client."""
    asked = {"client_id": "photos", "post_logout_redirect_uri": WEB, **parameters}
    return app.stage.server.read_logout({name: value for name, value in asked.items() if value})


def id_token(app: BrowserApp) -> str:
    """Sign ada in; return the ID token."""
    return str((app.redeem(app.code(scope="openid")).json or {})["id_token"])


def test_an_app_is_named_and_gets_the_person_back(app: BrowserApp) -> None:
    """A registered address is where the browser goes. OpenID Connect RP-Initiated Logout 3."""
    assert wish(app) == Logout("The photos", WEB)


def test_the_state_comes_back(app: BrowserApp) -> None:
    """The state is one parameter of the address, whatever it holds. AC-12."""
    found = wish(app, state="a b&c=d\u00e4\r\n#")
    assert found.redirect_uri == f"{WEB}?state=a%20b%26c%3Dd%C3%A4%0D%0A%23"


def test_a_query_of_the_address_stays(stage: Stage) -> None:
    """The state is added to what a registered address has already. AC-12."""
    app = BrowserApp(stage, logout_redirect_uris=(f"{WEB}?kind=1",))
    found = wish(app, post_logout_redirect_uri=f"{WEB}?kind=1", state="x")
    assert found.redirect_uri == f"{WEB}?kind=1&state=x"


@pytest.mark.parametrize("more", [{}, {"state": "x"}])
def test_a_forged_address_is_left_out(app: BrowserApp, more: dict[str, str]) -> None:
    """An address that differs by a letter is none; the app is named all the same. AC-11."""
    for uri in (*FORGED, "http://127.0.0.1:49152/back"):
        assert wish(app, post_logout_redirect_uri=uri, **more) == Logout("The photos", None), uri


def test_addresses_for_codes_are_not_for_logouts(stage: Stage) -> None:
    """A redirect URI of the other kind is not registered for this one. AC-11."""
    assert wish(BrowserApp(stage)) == Logout("The photos", None)


def test_addresses_of_others_are_left_out(app: BrowserApp) -> None:
    """A registered address is good for its own client alone. AC-11."""
    BrowserApp(app.stage, "other", logout_redirect_uris=("https://other.example/",))
    found = wish(app, post_logout_redirect_uri="https://other.example/")
    assert found == Logout("The photos", None)


@pytest.mark.parametrize("client_id", ["", "unknown", "PHOTOS"])
def test_nobody_leads_nowhere(app: BrowserApp, client_id: str) -> None:
    """Without a known client there is no address to trust. AC-11."""
    assert wish(app, client_id=client_id) == NOWHERE


def test_an_id_token_tells_who_asks(app: BrowserApp) -> None:
    """The ID token names the app, even an old one. OpenID Connect RP-Initiated Logout 2."""
    hint = id_token(app)
    app.stage.clock.advance(86400)
    assert wish(app, client_id="", id_token_hint=hint) == Logout("The photos", WEB)


def test_an_id_token_of_another_app_is_no_proof(app: BrowserApp) -> None:
    """If ID token and client_id differ, neither counts. OpenID Connect RP-Initiated Logout 2."""
    BrowserApp(app.stage, "other", logout_redirect_uris=KNOWN)
    assert wish(app, client_id="other", id_token_hint=id_token(app)) == NOWHERE


@pytest.mark.parametrize("hint", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJhdWQiOiJwaG90b3MifQ."])
def test_a_forged_id_token_names_nobody(app: BrowserApp, hint: str) -> None:
    """What we did not sign does not say who asks. AC-11."""
    assert wish(app, client_id="", id_token_hint=hint) == NOWHERE


def test_an_access_token_names_nobody(app: BrowserApp) -> None:
    """An access token is not taken for an ID token. RFC 9068 5."""
    token = (app.redeem(app.code()).json or {})["access_token"]
    assert wish(app, client_id="", id_token_hint=token) == NOWHERE
