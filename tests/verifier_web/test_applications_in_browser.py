"""An application's way through the portal and back, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Page

from server.core.records import Grant
from tests.verifier_web.portal import API, PASSWORD, START, Portal, add_application, asking
from tests.verifier_web.served import served, served_portal


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Open a page as small as a small phone."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def application() -> Iterator[str]:
    """Serve an application on this machine; give the address that it wants people back at."""
    app = Flask("application", static_folder=None)

    @app.get("/back")
    def back() -> str:
        return f"<title>{'code' if 'code' in request.args else request.args.get('error')}</title>"

    @app.get("/start")
    def start() -> str:
        fields = "".join(
            f'<input name="{name}" value="{request.args[name]}">' for name in request.args
        )
        return (
            f'<form method="post" action="{request.args["to"]}">{fields}<button>Go</button></form>'
        )

    with served("127.0.0.1", app) as web_server:
        yield f"http://127.0.0.1:{web_server.port}/back"


@pytest.fixture
def portal(tmp_path: Path, page: Page, application: str) -> Iterator[Portal]:
    """Serve a portal that knows the application, to a browser without cookies."""
    page.context.clear_cookies()
    with served_portal(tmp_path) as portal:
        add_application(portal.server, "program", "Photo Program", application)
        yield portal


def address(portal: Portal, application: str, **changes: str) -> str:
    """Return where the application sends the browser."""
    path = asking(**{"client_id": "program", "redirect_uri": application, **changes})
    return portal.server.settings.url(path)


def sign_in(page: Page) -> None:
    """Sign Maria in."""
    page.get_by_label("Username").fill("maria")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def ask(portal: Portal, page: Page, application: str, **changes: str) -> None:
    """Go from the application to its question, signing in on the way."""
    page.goto(address(portal, application, **changes))
    sign_in(page)
    page.get_by_role("heading", name="Sign in this application?").wait_for()


@pytest.mark.parametrize(("button", "told"), [("Approve", "code"), ("Deny", "access_denied")])
def test_back_to_the_application(
    portal: Portal, page: Page, application: str, button: str, told: str
) -> None:
    """The policy of the page lets its answer through to the application. AC-07, HD-01"""
    ask(portal, page, application)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{application}?*")
    assert page.title() == told


def test_enter_never_approves(portal: Portal, page: Page, application: str) -> None:
    """Enter alone does nothing, and the first way the Tab key leads is Deny. CV-36, AC-10"""
    ask(portal, page, application)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Pairlight").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "deny"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{application}?*")
    assert page.title() == "access_denied"


def test_straight_on(portal: Portal, page: Page, application: str) -> None:
    """Where nothing is to be asked, signing in leads right to the application. AC-13, HD-01"""
    add_application(portal.server, "known", "Known", application, secret=b"secret")
    grant = Grant("grant", "known", "subject of maria", "profile", START)
    portal.server.ports.grants.add(grant, None)
    page.goto(address(portal, application, client_id="known"))
    sign_in(page)
    page.wait_for_url(f"{application}?*")
    assert page.title() == "code"


def test_posted_request_keeps_the_session(portal: Portal, page: Page, application: str) -> None:
    """A request that is posted across sites finds who is signed in. OpenID Connect Core 3.1.2.1"""
    ask(portal, page, application)
    to, _, query = address(portal, application).partition("?")
    page.goto(f"{application.replace('back', 'start')}?to={to}&{query}")
    page.get_by_role("button").click()
    page.get_by_role("heading", name="Sign in this application?").wait_for()


def test_logout(portal: Portal, page: Page, application: str) -> None:
    """Signing out at an application's wish leads back to it. RP-Initiated Logout 3, HD-01"""
    ask(portal, page, application)
    logout = f"/logout?client_id=program&post_logout_redirect_uri={application}&error=out"
    page.goto(portal.server.settings.url(logout))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(application)
    page.goto(address(portal, application))
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()


@pytest.mark.parametrize("resource", ["", API])
def test_decision_is_within_reach(
    portal: Portal, page: Page, application: str, resource: str
) -> None:
    """A phone of 360 by 740 shows the whole question, down to both buttons, at once. VER-26"""
    ask(portal, page, application, resource=resource)
    box = page.locator(".decision").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 740


def test_fits_narrow_phones(portal: Portal, page: Page, application: str) -> None:
    """At 320 pixels nothing is wider than the screen, whatever the application's name. VER-26"""
    add_application(portal.server, "x" * 100, "x" * 80, application)
    ask(portal, page, application)
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(address(portal, application, client_id="x" * 100))
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 360, "height": 740})
    assert width == 320
