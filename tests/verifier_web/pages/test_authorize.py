"""An application asks for access: sign in, consent, and back to the application."""

import re
from pathlib import Path

import pytest

from server.core.tokens import digest
from tests.verifier_web.portal import (
    API,
    APP,
    ASKED,
    PASSWORD,
    XSS,
    Portal,
    add_application,
    answered,
    asking,
    hidden,
    markup,
    open_portal,
)

QUERY = asking().partition("?")[2]


def test_asks_who_is_there(portal: Portal) -> None:
    """A stranger signs in first; the whole request waits in the form. RFC 6749 3.1, AC-10"""
    page = portal.ask()
    assert page.status_code == 200
    assert "Next, you decide about <strong><bdi>Photo Album</bdi>" in page.text
    assert hidden("authorize", page.text) == QUERY


def test_sign_in_leads_to_the_question(portal: Portal) -> None:
    """After signing in, the same request is asked about. AC-09, AC-10"""
    page = portal.post("/sign-in", username="maria", password=PASSWORD, authorize=QUERY)
    assert (page.status_code, page.location) == (303, asking())
    assert "Sign in this application?" in portal.browser.get(page.location).text


@pytest.mark.parametrize(
    "fact",
    [
        "Photo Album</bdi></strong> wants to be signed in as",
        "Maria Sample",
        "See your name and username",
        "for up to 1 hour",
        "<dd><bdi>photos.example</bdi></dd>",
        "<dd>as <bdi>photos</bdi></dd>",
        "What you approve goes to <b><bdi>photos.example</bdi></b> and nowhere else.",
        "Did you not start this yourself, just now?",
    ],
)
def test_tells(portal: Portal, fact: str) -> None:
    """The page says who asks for what, for how long, as whom, and where it goes. AC-14"""
    portal.sign_in()
    assert fact in portal.ask().text


@pytest.mark.parametrize(
    ("redirect_uri", "told"),
    [
        ("http://127.0.0.1/back", "this computer"),
        ("com.example.photos:/back", "the app com.example.photos"),
    ],
)
def test_tells_where_a_program_is(portal: Portal, redirect_uri: str, told: str) -> None:
    """A program on the person's own machine is told in words. RFC 8252 8.6, AC-14"""
    add_application(portal.server, "program", "Program", redirect_uri)
    portal.sign_in()
    page = portal.ask(client_id="program", redirect_uri=redirect_uri).text
    assert f"goes to <b><bdi>{told}</bdi></b>" in page


def test_tells_which_apis(portal: Portal) -> None:
    """An application that asks for an API of others names its host. RFC 8707 3, AC-14"""
    portal.sign_in()
    row = "<dt>For</dt>\n<dd>\n<span><bdi>films.example</bdi></span>\n</dd>"
    page = portal.ask(resource=f"{API} {portal.server.settings.issuer}").text
    assert re.sub(r"\n+", "\n", page).count(row) == 1
    for resource in ("", portal.server.settings.issuer):
        assert "<dt>For</dt>" not in portal.ask(resource=resource).text


def test_deny_comes_first(portal: Portal) -> None:
    """Enter presses the first button, which denies; nothing has the focus. AC-10, CV-36"""
    portal.sign_in()
    page = portal.ask().text
    buttons = re.findall(r'<button[^>]*name="decision"[^>]*>', page)
    assert 'value="deny"' in buttons[0]
    assert "autofocus" not in page


def test_approve(portal: Portal) -> None:
    """An approval sends a code to the application, with its state and our name. AC-07, AC-12"""
    portal.sign_in()
    told = answered(portal.answer("approve"))
    assert told.keys() == {"code", "state", "iss"}
    assert told["state"] == ASKED["state"]
    assert portal.server.ports.authorization_codes.find(digest(told["code"]))


def test_deny(portal: Portal) -> None:
    """A denial is told to the application. RFC 6749 4.1.2.1"""
    portal.sign_in()
    assert answered(portal.answer("deny"))["error"] == "access_denied"


@pytest.mark.parametrize("decision", ["", "Approve", "yes", "1", "approve "])
def test_other_decisions_are_none(portal: Portal, decision: str) -> None:
    """Only the two known words decide. AC-10"""
    portal.sign_in()
    assert portal.answer(decision).status_code == 400


def test_asks_every_time(portal: Portal) -> None:
    """An application that cannot prove itself is not remembered. AC-13, VER-22"""
    portal.sign_in()
    portal.answer("approve")
    assert "Sign in this application?" in portal.ask().text


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "client_id"),
        ("client_id=unknown", "client_id"),
        (f"{QUERY}&client_id=photos", "twice"),
        (asking(redirect_uri="https://evil.example/")[11:], "redirect_uri"),
        (asking(redirect_uri=f"{APP}/")[11:], "redirect_uri"),
        (asking(redirect_uri=f"{APP}?x=1")[11:], "redirect_uri"),
        (asking(redirect_uri="https://photos.example@evil.example/back")[11:], "redirect_uri"),
        (asking(redirect_uri="//photos.example/back")[11:], "redirect_uri"),
        (f"{QUERY}&x=%FF", "UTF-8"),
        (f"{QUERY}&x=%00", "NUL"),
        (f"{QUERY}&x={'x' * 16384}", "too long"),
    ],
)
@pytest.mark.parametrize("path", ["/authorize", "/authorize/decision"])
def test_stays_here(portal: Portal, path: str, query: str, reason: str) -> None:
    """A request that may be forged is answered to the person, with a reason to pass on. AC-02"""
    portal.sign_in()
    address = f"{path}?{query}"
    page = (
        portal.post(address, decision="approve") if "dec" in path else portal.browser.get(address)
    )
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert "We stopped here" in page.text
    assert re.search(f'<p class="hint">invalid_request: .*{reason}', page.text)
    assert "evil.example" not in page.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "x"}, "unsupported_response_type"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://music.example"}, "invalid_target"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_tells_the_application(portal: Portal, change: dict[str, str], error: str) -> None:
    """What is wrong in a request that is surely the application's goes back to it. AC-07, IM-01"""
    assert answered(portal.ask(**change))["error"] == error


def test_posted_request(portal: Portal) -> None:
    """A request that another site posts becomes one to look at. OpenID Connect Core 3.1.2.1"""
    foreign = {"Origin": "https://photos.example", "Sec-Fetch-Site": "cross-site"}
    page = portal.browser.post("/authorize", data=ASKED, headers=foreign)
    assert (page.status_code, page.location) == (303, asking())
    assert "Set-Cookie" not in page.headers


def test_post_decides_nothing(portal: Portal) -> None:
    """No posted field of another site answers the request. AC-10"""
    portal.sign_in()
    page = portal.browser.post("/authorize", data={**ASKED, "decision": "approve"})
    assert "Sign in this application?" in portal.browser.get(page.location).text


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_other_posts(portal: Portal, content_type: str) -> None:
    """A posted request is a form. OpenID Connect Core 3.1.2.1"""
    page = portal.browser.post("/authorize", data=QUERY, content_type=content_type)
    assert page.status_code == 400
    assert "We stopped here" in page.text


@pytest.mark.parametrize(
    "authorize",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "x\r\nLocation: https://evil.example",
        "x=%0d%0aSet-Cookie:+y=1",
        "#@evil.example",
        "../\t//evil.example",
    ],
)
@pytest.mark.parametrize("form", ["/sign-in", "/sign-out"])
def test_redirects_stay_here(portal: Portal, form: str, authorize: str) -> None:
    """A carried request is only ever the query of our own page. AC-11"""
    page = portal.post(form, username="maria", password=PASSWORD, authorize=authorize)
    assert page.status_code == 303
    assert re.fullmatch(r"/authorize\?[\w%&+.~=-]+", page.location, re.ASCII)
    assert "y=1" not in page.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("authorize", ["x=%FF", "x=%00", "x" * 17_000])
@pytest.mark.parametrize("form", ["/sign-in", "/sign-out"])
def test_unreadable_carried_request(portal: Portal, form: str, authorize: str) -> None:
    """A form with a request that cannot be read signs nobody in or out. LO-02"""
    before = form == "/sign-out"
    if before:
        portal.sign_in()
    page = portal.post(form, username="maria", password=PASSWORD, authorize=authorize)
    assert page.status_code == 400
    assert portal.knows(portal.browser) is before


def test_steps_cannot_be_skipped(portal: Portal) -> None:
    """A decision about what was not shown is none: first comes the question. LO-03, AC-10"""
    portal.sign_in()
    other = hidden("seal", portal.ask(state="another").text)
    for seal in ("", "0" * 64, "é", other):
        page = portal.post(asking("/authorize/decision"), decision="approve", seal=seal)
        assert page.status_code == 200
        assert "Sign in this application?" in page.text


def test_sign_in_cannot_be_skipped(portal: Portal) -> None:
    """Where the application wants a fresh sign-in, an old one decides nothing. LG-08, LO-03"""
    portal.sign_in()
    portal.clock.advance(600)
    fresh = {"prompt": "login"}
    assert "wants to be sure who you are" in portal.ask(**fresh).text
    assert portal.answer("approve", **fresh).status_code == 200


def test_thinking_takes_its_time(portal: Portal) -> None:
    """Whoever has just signed in may read for ten minutes before deciding. LG-08"""
    portal.sign_in()
    seal = hidden("seal", portal.ask(prompt="login", max_age="0").text)
    portal.clock.advance(600)
    address = asking("/authorize/decision", prompt="login", max_age="0")
    assert "code" in answered(portal.post(address, decision="approve", seal=seal))


def test_thinking_takes_no_longer(portal: Portal) -> None:
    """What was asked more than ten minutes ago is asked again. OpenID Connect Core 3.1.2.1"""
    portal.sign_in()
    seal = hidden("seal", portal.ask().text)
    portal.clock.advance(601)
    page = portal.post(asking("/authorize/decision"), decision="approve", seal=seal)
    assert (page.status_code, "Sign in this application?" in page.text) == (200, True)


def test_no_is_no(portal: Portal) -> None:
    """Deny denies, however old the page, even where the person once agreed. AC-10"""
    portal.sign_in()
    portal.ask()
    portal.clock.advance(601)
    page = portal.post(asking("/authorize/decision"), decision="deny", seal="")
    assert "access_denied" in page.location


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_no_port_of_a_computer(portal: Portal, port: str) -> None:
    """A port that cannot be is an address that is not registered, and no fault of ours. AC-02"""
    add_application(portal.server, "notebook", "Notebook", "http://127.0.0.1/back")
    wanted = {"client_id": "notebook", "redirect_uri": f"http://127.0.0.1:{port}/back"}
    assert portal.browser.get(asking(**wanted)).status_code == 400


@pytest.mark.parametrize(
    "uri",
    [
        "com.example.app://OAuthCallback/cb",
        "com.example.app:///cb",
        "https://photos.example/c[b]",
        "http://localhost:00081/cb",
    ],
)
def test_exactly_the_registered_address(portal: Portal, uri: str) -> None:
    """The browser is sent to the address as it was registered, to the letter. AC-01"""
    add_application(portal.server, "odd", "Odd", uri)
    portal.sign_in()
    page = portal.answer("approve", client_id="odd", redirect_uri=uri)
    assert (page.status_code, page.headers["Location"].partition("?")[0]) == (303, uri)


def test_session_that_ended(portal: Portal) -> None:
    """Whose session ended meanwhile signs in again, for the same request. SE-02, AC-10"""
    portal.sign_in()
    seal = hidden("seal", portal.ask().text)
    portal.clock.advance(12 * 3600 + 1)
    page = portal.post(asking("/authorize/decision"), decision="approve", seal=seal)
    assert (page.status_code, hidden("authorize", page.text)) == (200, QUERY)


def test_old_form_is_shown_again(portal: Portal) -> None:
    """A decision with an old token is not taken; the request is shown again. CS-01"""
    portal.sign_in()
    page = portal.browser.post(asking("/authorize/decision"), data={"decision": "approve"})
    assert page.status_code == 400
    assert "try once more" in page.text
    assert hidden("seal", page.text)


def test_refused_sign_in_keeps_the_request(portal: Portal) -> None:
    """A mistyped password costs only that. AC-10, LG-04"""
    page = portal.post("/sign-in", username="maria", password="wrong", authorize=QUERY)
    assert page.status_code == 400
    assert "The username or the password is not right." in page.text
    assert 'name="username" value="maria"' in page.text
    assert hidden("authorize", page.text) == QUERY


def test_signed_in_elsewhere_meanwhile(portal: Portal) -> None:
    """Who signed in in another tab meanwhile goes on to the question. CS-01"""
    portal.sign_in()
    page = portal.browser.post("/sign-in", data={"form_token": "old", "authorize": QUERY})
    assert page.status_code == 400
    assert "Sign in this application?" in page.text
    assert "nothing was sent" in page.text


def test_switch_account(portal: Portal) -> None:
    """Another account can take over, and is asked about the same request. SE-03, AC-14"""
    portal.sign_in()
    assert hidden("authorize", portal.ask().text) == QUERY
    page = portal.post("/sign-out", authorize=QUERY)
    assert (page.status_code, page.location) == (303, asking())
    assert hidden("authorize", portal.browser.get(page.location).text) == QUERY


def test_switch_account_with_an_old_form(portal: Portal) -> None:
    """An old way out is shown again under the same request. CS-01"""
    portal.sign_in()
    page = portal.browser.post("/sign-out", data={"form_token": "old", "authorize": QUERY})
    assert page.status_code == 400
    assert "Sign in this application?" in page.text


def test_long_state(portal: Portal) -> None:
    """4 kB of state come through the sign-in and back. AC-12"""
    state = "ü€" * 800
    page = portal.post(
        "/sign-in",
        username="maria",
        password=PASSWORD,
        authorize=hidden("authorize", portal.ask(state=state).text),
    )
    assert page.location == asking(state=state)
    assert answered(portal.answer("deny", state=state))["state"] == state


def test_forms_may_lead_to_the_application(portal: Portal) -> None:
    """The browser lets the forms of a request end at the application, and no others. HD-01"""
    before = portal.ask()
    portal.sign_in()
    for page in (before, portal.ask()):
        policy = page.headers["Content-Security-Policy"]
        assert policy.endswith("form-action 'self' https://photos.example https:")
    for path in ("/device", "/authorize"):
        policy = portal.browser.get(path).headers["Content-Security-Policy"]
        assert policy.endswith("form-action 'self'")


def test_answers_are_not_kept(portal: Portal) -> None:
    """Neither the question nor the code stays in a cache or goes along as a referrer. HD-02"""
    portal.sign_in()
    for answer in (portal.ask(), portal.answer("approve")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("text", XSS)
def test_strangers_texts_are_escaped(portal: Portal, text: str) -> None:
    """The application's name and whatever it sends are shown as text. HD-04"""
    add_application(portal.server, "bad", text, APP)
    asked = {"client_id": "bad", "state": text, "nonce": text, "login_hint": text}
    plain = markup(portal.ask().text)
    assert markup(portal.ask(**asked).text) <= plain
    portal.sign_in()
    plain = markup(portal.ask().text)
    assert markup(portal.ask(**asked).text) <= plain


def test_under_a_path(tmp_path: Path) -> None:
    """An issuer with a path keeps the request under it. AC-10"""
    portal = open_portal(tmp_path, "https://pair.example/tv")
    page = portal.post("/sign-in", username="maria", password=PASSWORD, authorize=QUERY)
    assert page.location == f"/tv{asking()}"
    assert 'action="/tv/authorize/decision?' in portal.browser.get(page.location).text


@pytest.fixture
def old_portal(tmp_path: Path) -> Portal:
    """Give a portal that allows the implicit grant, with an application that uses it."""
    portal = open_portal(tmp_path, implicit=True)
    add_application(portal.server, "old", "Old", APP, grant_types="implicit")
    portal.sign_in()
    return portal


def test_tells_of_the_implicit_grant(old_portal: Portal) -> None:
    """Where a key travels in an address, the person is told before. IM-03"""
    page = old_portal.ask(client_id="old", response_type="token").text
    assert "It gets a key to your account at once, in the address" in page
    assert "a key to your account" not in old_portal.ask().text


def test_implicit_grant_answers_in_the_fragment(old_portal: Portal) -> None:
    """The key is behind the `#`, so that no server sees it. IM-03"""
    page = old_portal.answer("approve", client_id="old", response_type="token")
    assert page.location.startswith(f"{APP}#access_token=")
    assert page.headers["Cache-Control"] == "no-store"
