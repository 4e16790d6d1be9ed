"""Fixtures for the whole suite: programs from outside. All others stand beside their tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import programs
from tests.server.storage.running_postgresql import RunningPostgreSQL


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Give the path of a Chromium; skip, or fail where it is required."""
    return programs.chromium()


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Give that Chromium, running."""
    with sync_playwright() as playwright:
        browser = programs.launch(playwright, chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def micropython() -> Path:
    """Give the path of a MicroPython; skip, or fail where it is required."""
    return programs.micropython()


@pytest.fixture(scope="session")
def redis_server() -> Path:
    """Give the path of a Redis or Valkey server; skip, or fail where it is required."""
    return programs.redis_server()


@pytest.fixture(scope="session")
def postgresql_server() -> Path:
    """Give the path of a PostgreSQL server; skip, or fail where it is required."""
    return programs.postgresql_server()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Path) -> Iterator[RunningPostgreSQL]:
    """Give a running PostgreSQL."""
    running = RunningPostgreSQL(postgresql_server)
    yield running
    running.close()
