"""Take the pictures of tv.md anew: `.venv/bin/python -m docs.tv_pictures`. Needs Chromium.

A real browser shows the real page; the server behind it answers without a network, so that it can
have the name that it would have elsewhere.
"""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import cast

from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright
from werkzeug.test import Client

from server.app import build
from server.config import make
from server.core.user_interaction import DeviceRequest
from tests import programs
from tests.fakes import FakeClock
from tests.server.stage import Stage

_ISSUER = "https://pair.example.com"
_SIZE = (1280, 720)
_COLORS = 64


def main() -> None:
    """Play a sign-in on a TV and photograph what it shows."""
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        database = f"sqlite:///{directory}/pairlight.db"
        application = build(make(issuer=_ISSUER, database=database, tv_page="tv"), FakeClock())
        stage = Stage(application, FakeClock(), "front door", return_code=True)
        browser = programs.launch(playwright, programs.chromium())
        page = browser.new_page(viewport={"width": _SIZE[0], "height": _SIZE[1]})
        page.route("**/*", lambda route: _answer(route, stage.http))
        _play(page, stage)
        browser.close()
        application.close()


def _play(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(f"{_ISSUER}/tv/")
    page.locator("#card svg").wait_for()
    _photograph(page, "code")
    stage.deny(page.locator("#code").inner_text())
    page.clock.fast_forward(7_000)
    page.locator("body.denied").wait_for()
    _photograph(page, "denied")
    page.keyboard.press("Enter")
    page.locator("#card svg").wait_for()
    number = _approve(stage, page.locator("#code").inner_text())
    page.clock.fast_forward(7_000)
    page.locator("body.entry").wait_for()
    page.keyboard.type(number[:2])
    _photograph(page, "number")
    page.keyboard.type(number[2:])
    page.get_by_role("heading", name="Signed in as Ada").wait_for()
    page.keyboard.press("ArrowDown")
    _photograph(page, "signed-in")


def _approve(stage: Stage, user_code: str) -> str:
    """Approve as the stage does, and return the number that the phone shows."""
    session = stage.session()
    approved = stage.server.approve(stage.claim(user_code, session), session)
    return cast(DeviceRequest, approved).return_code or ""


def _answer(route: Route, http: Client) -> None:
    """Let the server answer a request of the page."""
    asked = route.request
    path = asked.url.removeprefix(_ISSUER)
    answer = http.open(path, method=asked.method, data=asked.post_data, headers=asked.headers)
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)


def _photograph(page: Page, name: str) -> None:
    picture = Image.open(BytesIO(page.screenshot())).quantize(_COLORS, dither=Image.Dither.NONE)
    picture.save(Path(__file__).parent / f"tv-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
