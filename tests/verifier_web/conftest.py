"""Fixtures of the portal's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verifier_web.portal import Portal, open_portal


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Give a portal with two people, two clients and one browser."""
    opened = open_portal(tmp_path)
    yield opened
    opened.close()
