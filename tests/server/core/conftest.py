"""Applications that come by way of the browser."""

import pytest

from tests.server.browser_app import BrowserApp, approved_before
from tests.server.stage import Stage


@pytest.fixture
def app(stage: Stage) -> BrowserApp:
    """Give a public client."""
    return BrowserApp(stage)


@pytest.fixture
def trusted(stage: Stage) -> BrowserApp:
    """Give a confidential client that ada has approved before."""
    return approved_before(stage)
