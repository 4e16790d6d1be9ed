"""Forms of other sites, old forms, and browsers without cookies."""

import pytest

from tests.verifier_web.portal import PASSWORD, Portal, asking, browser_of, form_token
from verifier_web.form_guard import origin

FORMS = [
    "/device",
    "/sign-in",
    "/sign-out",
    "/device/some-request",
    "/logout/decision",
    asking("/authorize/decision"),
]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_token_is_needed(portal: Portal, path: str, token: str) -> None:
    """No form is taken without our token; it is shown again. CS-01"""
    portal.sign_in()
    page = portal.browser.post(path, data={"form_token": token})
    assert page.status_code == 400
    assert "nothing was sent" in page.text
    assert portal.knows(portal.browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://pair.example"},
        {"Origin": "https://pair.example.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://pair.example", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", FORMS)
def test_other_sites(portal: Portal, path: str, headers: dict[str, str]) -> None:
    """A form that the browser says comes from elsewhere is refused, even with our token. CS-01"""
    portal.sign_in()
    form = {"form_token": form_token(portal.browser.get("/device").text), "user_code": "repeated"}
    page = portal.browser.post(path, data=form, headers=headers)
    assert page.status_code == 400
    assert "repeated" not in page.text
    assert portal.knows(portal.browser)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_site(portal: Portal, site: str) -> None:
    """A form that the browser says is ours passes. CS-01"""
    token = form_token(portal.browser.get("/sign-in").text)
    page = portal.browser.post(
        "/sign-in",
        data={"form_token": token, "username": "maria", "password": PASSWORD},
        headers={"Origin": "https://pair.example", "Sec-Fetch-Site": site},
    )
    assert page.status_code == 303


def test_token_dies_with_sign_in(portal: Portal) -> None:
    """A form from before the sign-in is shown again, with what was typed. CS-01"""
    old = form_token(portal.browser.get("/device").text)
    portal.sign_in()
    page = portal.browser.post("/device", data={"form_token": old, "user_code": "wdjb mjht"})
    assert page.status_code == 400
    assert 'value="wdjb mjht"' in page.text
    assert "This page had been open for a while" in page.text


def test_without_cookies(portal: Portal) -> None:
    """A browser that keeps no cookies is told what to allow, and keeps what was typed. CS-01"""
    browser = browser_of(portal.app, cookies=False)
    token = form_token(browser.get("/device").text)
    page = browser.post("/device", data={"form_token": token, "user_code": "wdjb mjht"})
    assert page.status_code == 400
    assert "Allow cookies" in page.text
    assert 'value="wdjb mjht"' in page.text


def test_stale_sign_in_keeps_code(portal: Portal) -> None:
    """Who signed in in another tab meanwhile goes on with the code. CS-01"""
    portal.sign_in()
    page = portal.browser.post("/sign-in", data={"form_token": "old", "user_code": "wdjb mjht"})
    assert "Enter the code" in page.text
    assert 'value="wdjb mjht"' in page.text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pair.example", "https://pair.example"),
        ("https://Pair.Example:443/tv", "https://pair.example"),
        ("http://localhost:8628", "http://localhost:8628"),
        ("http://localhost:80/", "http://localhost"),
        ("https://pair.example:8443", "https://pair.example:8443"),
        ("http://[::1]:8628/x", "http://[::1]:8628"),
    ],
)
def test_origin(url: str, expected: str) -> None:
    """An origin is written as browsers write it. CS-01"""
    assert origin(url) == expected
