"""An application asks to sign the person out."""

from urllib.parse import urlencode

import pytest

from tests.verifier_web.portal import APP, XSS, Portal, add_application, markup

ASKED = {"client_id": "photos", "post_logout_redirect_uri": APP, "state": "s/1"}
LEADS_TO = f"{APP}?state=s%2F1"


def asking(path: str = "/logout", **changes: str) -> str:
    """Return the address of an application's request."""
    return f"{path}?{urlencode({**ASKED, **changes})}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_signs_nobody_out(portal: Portal, method: str) -> None:
    """A link alone ends no session. VER-17, RP-Initiated Logout 2"""
    portal.sign_in()
    assert portal.browser.open(asking(), method=method).status_code == 200
    assert portal.knows(portal.browser)


def test_tells_who_asks(portal: Portal) -> None:
    """The page names the application, and who is signed in. RP-Initiated Logout 2"""
    portal.sign_in()
    page = portal.browser.get(asking()).text
    assert "Photo Album</bdi></strong> asks to sign you out here too" in page
    assert "Maria Sample" in page


@pytest.mark.parametrize("query", ["", "?client_id=unknown", "?id_token_hint=x", "?state=1"])
def test_asks_for_nobody(portal: Portal, query: str) -> None:
    """A person can always sign out, whoever asks. SE-03"""
    portal.sign_in()
    assert "<h1>Sign out?</h1>" in portal.browser.get(f"/logout{query}").text
    page = portal.post(f"/logout/decision{query}")
    assert (page.status_code, page.location) == (303, "/logout")
    assert "You are signed out" in portal.browser.get(page.location).text


def test_signs_out(portal: Portal) -> None:
    """The session ends on the server, and the person goes back to the application. SE-03"""
    portal.sign_in()
    identifier = portal.cookie()
    page = portal.post(asking("/logout/decision"))
    assert (page.status_code, page.location) == (303, LEADS_TO)
    assert portal.server.find_session(identifier) is None


def test_nobody_is_signed_in(portal: Portal) -> None:
    """Where nobody is signed in there is nothing to ask. RP-Initiated Logout 3"""
    page = portal.browser.get(asking())
    assert (page.status_code, page.location) == (303, LEADS_TO)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        f"{APP}/",
        f"{APP}?x=1",
        "/device",
        "javascript:alert(1)",
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_leads_nowhere_else(portal: Portal, address: str, signed_in: bool) -> None:
    """Only an address that is registered, letter by letter, is gone to. AC-11"""
    if signed_in:
        portal.sign_in()
    page = portal.browser.get(asking(post_logout_redirect_uri=address))
    assert page.status_code == 200
    assert f'href="{address}' not in page.text.replace('href="/device">', "")
    page = portal.post(asking("/logout/decision", post_logout_redirect_uri=address))
    assert page.location == "/logout"


def test_which_of_two_is_not_guessed(portal: Portal) -> None:
    """An address that is given twice is none. RFC 6749 3.1"""
    address = f"{asking()}&{urlencode({'post_logout_redirect_uri': APP})}"
    assert "You are signed out" in portal.browser.get(address).text


def test_posted_request(portal: Portal) -> None:
    """An application that posts its request gets the same page. RP-Initiated Logout 2"""
    portal.sign_in()
    page = portal.browser.post("/logout", data=ASKED, headers={"Origin": "https://photos.example"})
    assert (page.status_code, page.location) == (303, asking())
    assert portal.knows(portal.browser)


def test_old_form_is_shown_again(portal: Portal) -> None:
    """An old form signs nobody out, and is shown again. CS-01"""
    portal.sign_in()
    page = portal.browser.post(asking("/logout/decision"), data={"form_token": "old"})
    assert page.status_code == 400
    assert "try once more" in page.text
    assert portal.knows(portal.browser)


def test_form_may_lead_to_the_application(portal: Portal) -> None:
    """The browser lets the form end at the registered address, and nowhere else. HD-01"""
    portal.sign_in()
    for address, source in ((asking(), " https://photos.example https:"), ("/logout", "")):
        policy = portal.browser.get(address).headers["Content-Security-Policy"]
        assert policy.endswith(f"form-action 'self'{source}")


@pytest.mark.parametrize("text", XSS)
def test_strangers_texts_are_escaped(portal: Portal, text: str) -> None:
    """The application's name and whatever it sends are shown as text. HD-04"""
    add_application(portal.server, "bad", text, APP)
    portal.sign_in()
    plain = markup(portal.browser.get(asking()).text)
    assert markup(portal.browser.get(asking(client_id="bad", state=text)).text) <= plain
