"""Sign in and out."""

import pytest

from tests.verifier_web.portal import PASSWORD, XSS, Portal, browser_of, markup


def test_asks_who_is_there(portal: Portal) -> None:
    """The form is labelled for password managers. VER-26"""
    page = portal.browser.get("/sign-in").text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


@pytest.mark.parametrize(
    ("username", "password"), [("maria", "wrong"), ("nobody", PASSWORD), ("maria", "")]
)
def test_refusals_read_the_same(portal: Portal, username: str, password: str) -> None:
    """The answer does not tell which half was wrong. LG-04"""
    page = portal.post("/sign-in", username=username, password=password, user_code="wdjb mjht")
    assert page.status_code == 400
    assert "The username or the password is not right." in page.text
    assert f'name="username" value="{username}"' in page.text
    assert 'name="user_code" value="wdjb mjht"' in page.text


def test_password_is_not_repeated(portal: Portal) -> None:
    """A refused password is not in the page. LG-04"""
    page = portal.post("/sign-in", username="maria", password="almost right")
    assert "almost right" not in page.text


def test_goes_on_with_the_code(portal: Portal) -> None:
    """After sign-in the carried code is open and waits for a decision, in full view. SE-05"""
    codes = portal.start()
    page = portal.post("/sign-in", username="maria", password=PASSWORD, user_code=codes.user_code)
    assert page.status_code == 303
    assert codes.user_code in portal.browser.get(page.location).text
    assert portal.record(codes).state == "claimed"


def test_wrong_code_after_sign_in(portal: Portal) -> None:
    """A carried code that opens nothing leads to the form, signed in. VER-13"""
    page = portal.post("/sign-in", username="maria", password=PASSWORD, user_code="BCDFGHJK")
    assert page.status_code == 400
    assert "This code does not work." in page.text
    assert "Signed in as" in page.text


@pytest.mark.parametrize("target", ["next", "back", "return_to", "continue", "url"])
def test_redirects_stay_here(portal: Portal, target: str) -> None:
    """No parameter chooses where a sign-in leads. CV-12, VER-25"""
    page = portal.post(
        f"/sign-in?{target}=//evil.example",
        **{"username": "maria", "password": PASSWORD, target: "//evil.example"},
    )
    assert (page.status_code, page.location) == (303, "/device")


def test_signed_in_goes_on(portal: Portal) -> None:
    """Who is signed in is not asked again. VER-25"""
    portal.sign_in()
    page = portal.browser.get("/sign-in")
    assert (page.status_code, page.location) == (303, "/device")


def test_sign_out(portal: Portal) -> None:
    """Signing out ends the session on the server: its cookie is worthless. SE-03"""
    portal.sign_in()
    thief = browser_of(portal.app, identifier=portal.cookie())
    assert portal.knows(thief)
    assert portal.sign_out().status_code == 303
    assert not portal.knows(thief)


def test_other_account_must_enter_the_code(portal: Portal) -> None:
    """Whoever signs in next in this browser does not inherit the open request. VER-24"""
    address = portal.claim(portal.start())
    portal.sign_out()
    portal.sign_in("ben")
    assert portal.browser.get(address).status_code == 404


@pytest.mark.parametrize("text", XSS)
def test_username_is_escaped(portal: Portal, text: str) -> None:
    """A refused username comes back as text. HD-04"""
    plain = portal.post("/sign-in", username="x", password="wrong", user_code="x").text
    page = portal.post("/sign-in", username=text, password="wrong", user_code=text).text
    assert markup(page) <= markup(plain)
