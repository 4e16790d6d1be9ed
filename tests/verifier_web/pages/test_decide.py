"""Look, approve or deny, and see how it stands."""

import re

import pytest
from flask import Response

from server.core import tokens
from server.core.authorization_server import DEVICE_CODE
from server.core.client_request import ClientRequest
from server.core.device_authorization import DeviceAuthorizationResponse
from server.core.errors import OAuthError
from server.core.states import State
from tests.verifier_web.portal import API, XSS, Portal, add_client, browser_of, form_token, markup


@pytest.mark.parametrize(
    "fact",
    [
        "on a device wants to be signed in as",
        "Living Room Cinema",
        "Maria Sample",
        "See your name and username",
        "for up to 1 hour",
        "2 minutes ago, from ",
        "7 Sep 2026, 14:03 UTC",
        "203.0.113.9",
        "Cinema/4.2 (TV)",
        "Did someone send you this code or link",
    ],
)
def test_tells(portal: Portal, fact: str) -> None:
    """The page says that a device asks, for what, since when, from where. VER-02, VER-04, XD-18"""
    address = portal.claim(portal.start())
    portal.clock.advance(130)
    assert fact in portal.browser.get(address).text


def test_tells_the_name_that_a_device_gives_itself(portal: Portal) -> None:
    """A name is easier to know again than a user agent, which stands below it. VER-04"""
    codes = portal.server.authorize_device(
        ClientRequest(
            {"client_id": "tv", "device_name": "Kitchen"}, address="", user_agent="Cinema/4.2"
        )
    )
    page = portal.browser.get(portal.claim(codes)).text
    assert "<bdi>Kitchen</bdi> <small><bdi>Cinema/4.2</bdi></small>" in page
    assert "from <bdi>an unknown address</bdi>" in page


def test_tells_which_apis(portal: Portal) -> None:
    """A device that asks for an API of others names its host; else there is no row. RFC 8707 3"""
    row = "<dt>For</dt>\n<dd>\n<span><bdi>films.example</bdi></span>\n</dd>"
    page = portal.browser.get(portal.claim(portal.start(resource=API))).text
    assert re.sub(r"\n+", "\n", page).count(row) == 1
    for resource in ("", portal.server.settings.issuer):
        page = portal.browser.get(portal.claim(portal.start(resource=resource))).text
        assert "<dt>For</dt>" not in page


def test_tells_how_long_refreshing_lasts(portal: Portal) -> None:
    """A client that may refresh is approved for the lifetime of the grant. VER-02"""
    add_client(portal.server, "tv2", "TV", f"{DEVICE_CODE} refresh_token")
    address = portal.claim(portal.start(client_id="tv2"))
    assert "for up to 1 year" in portal.browser.get(address).text


def test_shows_code_for_comparison(portal: Portal) -> None:
    """The code stands there as the device shows it. VER-05, SE-05"""
    codes = portal.start()
    page = portal.browser.get(portal.claim(codes)).text
    assert f">{codes.user_code}</p>" in page
    assert "Does your device show exactly this code?" in page


def test_deny_comes_first(portal: Portal) -> None:
    """Enter presses Deny, which needs no tick; nothing has the focus. VER-02, XD-18, CV-36"""
    page = portal.browser.get(portal.claim(portal.start())).text
    buttons = re.findall(r'<button[^>]*name="decision"[^>]*>', page)
    assert 'value="deny" formnovalidate' in buttons[0]
    assert "autofocus" not in page


def test_box_is_not_ticked(portal: Portal) -> None:
    """The person says that the device is at hand; we do not say it for them. VER-03"""
    page = portal.browser.get(portal.claim(portal.start())).text
    assert re.search(r'<input type="checkbox" name="possession" value="yes" required>', page)


def test_approval_needs_the_box(portal: Portal) -> None:
    """Without the tick nothing is approved, and the page says so. VER-03"""
    codes = portal.start()
    page = portal.decide(portal.claim(codes), "approve", possession="")
    assert page.status_code == 400
    assert "tick this first" in page.text
    assert portal.record(codes).state == "claimed"


@pytest.mark.parametrize(
    ("decision", "state", "told"),
    [
        ("approve", "approved", "Go back to your device"),
        ("deny", "denied", "Nothing was signed in"),
    ],
)
def test_decision(portal: Portal, decision: str, state: str, told: str) -> None:
    """A decision counts once and sends the person back to the device. VER-08, VER-25"""
    codes = portal.start()
    address = portal.claim(codes)
    page = portal.decide(address, decision)
    assert (page.status_code, page.location) == (303, address)
    assert portal.record(codes).state == state
    assert told in portal.browser.get(address).text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.APPROVED, "In a few seconds Living Room Cinema is signed in as Maria Sample."),
        (State.REDEEMED, "Living Room Cinema is signed in as Maria Sample."),
    ],
)
def test_outcome_of_an_approval(portal: Portal, state: State, told: str) -> None:
    """It tells who is signed in where, and whether the device has heard. VER-08"""
    codes = portal.start()
    address = portal.claim(codes)
    portal.decide(address, "approve")
    approved = portal.record(codes)
    later = approved._replace(state=state, version=approved.version + 1)
    assert portal.server.ports.device_authorizations.swap(approved, later)
    paragraph = re.search(r"<p>([^/]*<strong>.*)</p>", portal.browser.get(address).text)
    assert paragraph
    assert re.sub("<[^>]+>", "", paragraph[1]).strip() == told


def test_a_return_code_is_shown_after_the_approval(portal: Portal) -> None:
    """The number stands there once somebody has approved, until the device has sent it. XD-20"""
    add_client(portal.server, "tv2", "TV", return_code=True)
    codes = portal.start(client_id="tv2")
    digest = tokens.digest(codes.device_code)
    return_code = portal.server.ports.user_codes.return_code(digest)
    address = portal.claim(codes)
    assert return_code not in portal.browser.get(address).text
    portal.decide(address, "approve")
    page = portal.browser.get(address).text
    assert f">{return_code}</p>" in page
    assert "Enter this number on your device" in page
    assert "Does someone ask you for this number?" in page
    form = {"client_id": "tv2", "grant_type": DEVICE_CODE, "device_code": codes.device_code}
    portal.server.exchange(ClientRequest({**form, "return_code": return_code}))
    page = portal.browser.get(address).text
    assert return_code not in page
    assert "Go back to your device" in page


def test_a_wrong_return_code_is_named(portal: Portal) -> None:
    """Who denied nothing and finds nothing signed in is told what may have happened. XD-20"""
    add_client(portal.server, "tv2", "TV", return_code=True)
    codes = portal.start(client_id="tv2")
    address = portal.claim(codes)
    portal.decide(address, "approve")
    form = {"client_id": "tv2", "grant_type": DEVICE_CODE, "device_code": codes.device_code}
    with pytest.raises(OAuthError):
        portal.server.exchange(ClientRequest({**form, "return_code": "none"}))
    assert "or it was given a wrong number" in portal.browser.get(address).text


def test_an_approval_is_taken_back(portal: Portal) -> None:
    """Who is asked for the number by a stranger stops the sign-in on the same page. XD-20"""
    add_client(portal.server, "tv2", "TV", return_code=True)
    codes = portal.start(client_id="tv2")
    address = portal.claim(codes)
    portal.decide(address, "approve")
    assert ">Stop this sign-in</button>" in portal.browser.get(address).text
    page = portal.decide(address, "withdraw")
    assert (page.status_code, page.location) == (303, address)
    assert portal.record(codes).state == "denied"
    assert "You stopped" in portal.browser.get(address).text


def test_denial_leads_back_to_device(portal: Portal) -> None:
    """Who denied by mistake is told to get a new code on the device. VER-08"""
    address = portal.claim(portal.start())
    portal.decide(address, "deny")
    assert "go back to your device" in portal.browser.get(address).text


def test_back_after_deny(portal: Portal) -> None:
    """Going back after a denial and approving changes nothing. VER-14, CV-14"""
    codes = portal.start()
    address = portal.claim(codes)
    portal.decide(address, "deny")
    assert portal.decide(address, "approve").status_code == 303
    assert portal.record(codes).state == "denied"
    assert "Nothing was signed in" in portal.browser.get(address).text


def test_decided_code_does_not_open_again(portal: Portal) -> None:
    """A decided code opens nothing when it is entered again. VER-14"""
    codes = portal.start()
    portal.decide(portal.claim(codes), "deny")
    assert portal.post("/device", user_code=codes.user_code).status_code == 400


def test_too_late(portal: Portal) -> None:
    """Approving after the time is up changes nothing and says how to go on. VER-08"""
    codes = portal.start()
    address = portal.claim(codes)
    portal.clock.advance(codes.expires_in)
    assert portal.decide(address, "approve").status_code == 303
    page = portal.browser.get(address)
    assert "This code has run out" in page.text
    assert portal.record(codes).state == "claimed"


def test_stranger_decides_nothing(portal: Portal) -> None:
    """Without a session, a decision is not taken. VER-09, LO-03"""
    codes = portal.start()
    address = portal.claim(codes)
    stranger = browser_of(portal.app)
    page = portal.post(address, stranger, decision="approve", possession="yes")
    assert page.status_code == 404
    assert portal.record(codes).state == "claimed"


@pytest.mark.parametrize("username", ["maria", "ben"])
def test_other_browser_sees_nothing(portal: Portal, username: str) -> None:
    """Only the session that entered the code sees and decides it, and nothing is told. VER-15"""
    codes = portal.start()
    address = portal.claim(codes)
    other = browser_of(portal.app)
    portal.sign_in(username, other)
    page = other.get(address)
    unknown = other.get("/device/unknown")
    assert (page.status_code, page.text) == (404, unknown.text)
    portal.post(address, other, decision="approve", possession="yes")
    assert portal.record(codes).state == "claimed"


def test_each_tab_decides_its_own(portal: Portal) -> None:
    """With two requests open, each button decides the one it stands under. VER-16, CV-23"""
    first, second = portal.start(), portal.start()
    tabs = [portal.claim(first), portal.claim(second)]
    portal.decide(tabs[0], "approve")
    portal.decide(tabs[1], "deny")
    assert [portal.record(codes).state for codes in (first, second)] == ["approved", "denied"]


@pytest.mark.parametrize("decision", ["", "Approve", "yes", "0", "deny "])
def test_other_decisions_are_none(portal: Portal, decision: str) -> None:
    """Only the two known words decide. VER-02"""
    codes = portal.start()
    assert portal.decide(portal.claim(codes), decision).status_code == 400
    assert portal.record(codes).state == "claimed"


@pytest.mark.parametrize("field", ["scope", "client_id", "subject", "reference", "user_code"])
def test_tampered_form(portal: Portal, field: str) -> None:
    """What a tampered form adds is not read: the request stays what the device asked. VER-18"""
    codes = portal.start()
    address = portal.claim(codes)
    before = portal.record(codes)
    portal.decide(address, "approve", **{field: "profile admin"})
    after = portal.record(codes)
    assert (after.scope, after.client_id, after.subject) == (
        before.scope,
        before.client_id,
        before.subject,
    )


def test_device_code_stays_away(portal: Portal) -> None:
    """No page, address or cookie of a whole sign-in holds the device code. VER-07"""
    codes = portal.start()
    seen: list[str] = []

    @portal.app.after_request
    def see(answer: Response) -> Response:
        seen.append(f"{answer.location} {answer.headers} {answer.get_data(as_text=True)}")
        return answer

    portal.decide(portal.claim(codes), "approve")
    portal.browser.get("/device")
    assert len(seen) > 5
    assert all(codes.device_code not in page for page in seen)


@pytest.mark.parametrize("text", XSS)
def test_strangers_texts_are_escaped(portal: Portal, text: str) -> None:
    """Names, addresses and what a device says of itself are shown as text. HD-04"""
    plain = set().union(*map(markup, both_pages(portal, portal.start())))
    add_client(portal.server, "bad", text)
    codes = portal.server.authorize_device(
        ClientRequest({"client_id": "bad"}, address=text, user_agent=text)
    )
    for page in both_pages(portal, codes):
        assert markup(page) <= plain
        assert "\u202e" not in page


def both_pages(portal: Portal, codes: DeviceAuthorizationResponse) -> list[str]:
    """Return the pages before and after a denial."""
    address = portal.claim(codes)
    before = portal.browser.get(address).text
    portal.decide(address, "deny")
    return [before, portal.browser.get(address).text]


def test_old_form_is_shown_again(portal: Portal) -> None:
    """A decision with an old token is not taken; the request is shown again. CS-01"""
    codes = portal.start()
    address = portal.claim(codes)
    page = portal.browser.post(address, data={"decision": "approve", "possession": "yes"})
    assert page.status_code == 400
    assert "try once more" in page.text
    assert form_token(page.text)
    assert portal.record(codes).state == "claimed"
