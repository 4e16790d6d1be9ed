"""The cookie, and who is behind it."""

from pathlib import Path

import pytest

from tests.verifier_web.portal import PASSWORD, Portal, browser_of, form_token, open_portal


def test_cookie_over_https(portal: Portal) -> None:
    """The cookie is for this host, TLS and HTTP only, and survives arriving by QR code. SE-01"""
    name, _, rest = portal.browser.get("/device").headers["Set-Cookie"].partition("=")
    _, *attributes = rest.split("; ")
    assert name == "__Host-pairlight"
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_cookie_over_http(tmp_path: Path) -> None:
    """On this machine, without TLS, the cookie has a name that browsers accept. SE-01"""
    portal = open_portal(tmp_path, "http://localhost:8628")
    cookie = portal.browser.get("/device").headers["Set-Cookie"]
    assert cookie.startswith("pairlight=")
    assert "Secure" not in cookie


def test_identifier_is_long(portal: Portal) -> None:
    """A stranger's identifier has 256 bits from the entropy port. SE-02"""
    portal.browser.get("/device")
    assert len(portal.cookie()) == 43


def test_sign_in_changes_identifier(portal: Portal) -> None:
    """An identifier planted before the sign-in is worthless after it. LG-06, SE-02"""
    portal.browser.get("/device")
    planted = portal.cookie()
    portal.sign_in()
    assert portal.cookie() != planted
    assert portal.knows(browser_of(portal.app, identifier=portal.cookie()))
    assert not portal.knows(browser_of(portal.app, identifier=planted))


def test_signing_in_again_ends_the_old_session(portal: Portal) -> None:
    """A second sign-in in the same browser leaves no first session behind. LG-06"""
    portal.sign_in()
    old = portal.cookie()
    portal.sign_in("ben")
    assert portal.server.find_session(old) is None


@pytest.mark.parametrize("seconds", [1801, 12 * 3600 + 1])
def test_session_ends_by_itself(portal: Portal, seconds: int) -> None:
    """A sign-in ends when it is idle or old. SE-02"""
    portal.sign_in()
    assert portal.knows(portal.browser)
    portal.clock.advance(seconds)
    assert not portal.knows(portal.browser)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 3000, "ü" * 43, "'; --"])
def test_odd_cookies(portal: Portal, cookie: str) -> None:
    """A cookie that we did not make counts as none, and is replaced. SE-02"""
    page = browser_of(portal.app, identifier=cookie).get("/device")
    assert page.status_code == 200
    assert "__Host-pairlight=" in page.headers["Set-Cookie"]


def test_redirects_set_no_cookie(portal: Portal) -> None:
    """Who is shown no form gets no cookie. SE-01"""
    assert "Set-Cookie" not in portal.browser.get("/").headers
    assert "Set-Cookie" not in portal.load("/assets/portal.css").headers


def test_sign_out_expires_cookie(portal: Portal) -> None:
    """Signing out makes the browser forget. SE-03"""
    portal.sign_in()
    cookie = portal.sign_out().headers["Set-Cookie"]
    assert "Max-Age=0" in cookie
    assert cookie.startswith("__Host-pairlight=;")
    assert "Secure" in cookie


def test_token_is_bound_to_the_browser(portal: Portal) -> None:
    """One browser's form token is no good in another. CS-01"""
    token = form_token(portal.browser.get("/sign-in").text)
    other = browser_of(portal.app)
    other.get("/sign-in")
    form = {"form_token": token, "username": "maria", "password": PASSWORD}
    assert other.post("/sign-in", data=form).status_code == 400
    assert portal.browser.post("/sign-in", data=form).status_code == 303
