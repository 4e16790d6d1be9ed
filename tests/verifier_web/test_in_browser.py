"""What only a real browser can tell: headers it sends by itself, keys, and room on the screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.verifier_web.portal import API, PASSWORD, Portal
from tests.verifier_web.served import served_portal


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Open a page as narrow as the narrowest phone."""
    context = browser.new_context(viewport={"width": 320, "height": 568})
    yield context.new_page()
    context.close()


@pytest.fixture
def portal(tmp_path: Path, page: Page) -> Iterator[Portal]:
    """Serve a portal on this machine, to a browser without cookies."""
    page.context.clear_cookies()
    with served_portal(tmp_path) as served:
        yield served


def open_request(portal: Portal, page: Page, link: str) -> None:
    """Go from a link to the confirm page, signing in on the way."""
    page.goto(link)
    page.get_by_role("button", name="Yes, continue").click()
    page.get_by_label("Username").fill("maria")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/device/*")


def test_approve(portal: Portal, page: Page) -> None:
    """What a browser says of our own forms is believed, from link to end. CS-01, VER-01"""
    codes = portal.start()
    open_request(portal, page, codes.verification_uri_complete)
    page.get_by_label("I am holding or looking at this device").check()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("heading", name="Go back to your device").wait_for()
    assert portal.record(codes).state == "approved"


def test_enter_never_approves(portal: Portal, page: Page) -> None:
    """The Enter key denies, even with the box ticked. XD-18, CV-36"""
    codes = portal.start()
    open_request(portal, page, codes.verification_uri_complete)
    page.get_by_label("I am holding or looking at this device").check()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Nothing was signed in").wait_for()
    assert portal.record(codes).state == "denied"


def test_approve_waits_for_the_box(portal: Portal, page: Page) -> None:
    """The browser asks for the tick before it sends an approval. VER-03"""
    codes = portal.start()
    open_request(portal, page, codes.verification_uri_complete)
    page.get_by_role("button", name="Approve").click()
    assert page.locator(":invalid[type=checkbox]").count() == 1
    assert portal.record(codes).state == "claimed"


@pytest.mark.parametrize("resource", ["", API])
def test_decision_is_within_reach(portal: Portal, page: Page, resource: str) -> None:
    """A phone of 360 by 740 shows the whole request, down to both buttons, at once. VER-26"""
    page.set_viewport_size({"width": 360, "height": 740})
    codes = portal.start(resource=resource)
    open_request(portal, page, codes.verification_uri_complete)
    box = page.locator(".decision").bounding_box()
    page.set_viewport_size({"width": 320, "height": 568})
    assert box
    assert box["y"] + box["height"] <= 740


@pytest.mark.parametrize("text", ["x" * 200, "Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH2)"])
def test_fits_narrow_phones(portal: Portal, page: Page, text: str) -> None:
    """At 320 pixels nothing is wider than the screen, and every button is 44 high. VER-26"""
    codes = portal.start(user_agent=text)
    open_request(portal, page, codes.verification_uri_complete)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    heights = page.eval_on_selector_all("button, .tick", "all => all.map(e => e.offsetHeight)")
    assert min(heights) >= 44
    widths = page.eval_on_selector_all("[name=decision]", "all => all.map(e => e.offsetWidth)")
    assert widths[0] == widths[1]
