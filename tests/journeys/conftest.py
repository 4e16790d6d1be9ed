"""A real server, a real browser as the phone, and the real terminal client as the device."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.running_portal import RunningPortal, running
from tests.journeys.terminal_device import TerminalDevice


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """Give a portal with the shortest interval and otherwise its defaults."""
    with running(tmp_path_factory.mktemp("portal"), poll_interval="1") as portal:
        yield portal


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Give a small phone without cookies and without JavaScript."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False, has_touch=True
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Callable[..., TerminalDevice]]:
    """Give a way to switch the device on; whatever still runs at the end is switched off."""
    started: list[TerminalDevice] = []

    def switch_on(portal: RunningPortal, *options: str) -> TerminalDevice:
        started.append(TerminalDevice(portal.issuer, tmp_path / "tokens.json", *options))
        return started[-1]

    yield switch_on
    for one in started:
        one.close()
