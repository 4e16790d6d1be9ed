"""TVs with the page, from the portal and from elsewhere, and its scripts without a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.device_client.tv.television import FOLDER, SIZES, Television, elsewhere, running_stage
from tests.server.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a server that listens, with a TV client and Ada."""
    with running_stage(tmp_path) as stage:
        yield stage


@contextmanager
def switched_off(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    """Yield an empty screen."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture(params=SIZES, ids=["720", "1080"])
def tv(browser: Browser, stage: Stage, request: pytest.FixtureRequest) -> Iterator[Television]:
    """Give a TV of each size in turn, for the page of the portal."""
    with switched_off(browser, request.param) as page:
        yield Television(page, stage, f"{stage.server.settings.issuer}/tv")


@pytest.fixture
def small_tv(browser: Browser, stage: Stage) -> Iterator[Television]:
    """Give a TV of the smaller size, for the page of the portal."""
    with switched_off(browser, SIZES[0]) as page:
        yield Television(page, stage, f"{stage.server.settings.issuer}/tv")


@pytest.fixture
def foreign_tv(browser: Browser, stage: Stage) -> Iterator[Television]:
    """Give one for the page from elsewhere."""
    with elsewhere(stage) as address, switched_off(browser, SIZES[0]) as page:
        yield Television(page, stage, address)


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """Give the page's scripts, without its screen and its network."""
    context = browser.new_context()
    page = context.new_page()
    names = ("config", "sha256", "network", "flow", "return_code", "discovery", "qr", "qr_rows")
    for name in (*names, "words"):
        page.add_script_tag(path=FOLDER / f"{name}.js")
    yield page
    context.close()
