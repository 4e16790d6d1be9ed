"""Fixtures for the whole suite: programs from outside. All others stand beside their tests."""

import asyncio
from collections.abc import Generator, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, sync_playwright

from tests import programs
from tests.server.storage.running_postgresql import RunningPostgreSQL


@pytest.fixture(scope="session", autouse=True)
def _few_rsa_keys() -> Iterator[None]:
    """Let the chance behind RSA keys repeat itself: making one takes longer than most tests."""
    made = cycle([RSAKey.generate_key(2048, auto_kid=True) for _ in range(6)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RSAKey, "generate_key", lambda *_, **__: next(made))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hide the event loop that playwright keeps running in this thread from tests without it."""
    loop = asyncio._get_running_loop()
    hides = "browser" not in getattr(item, "fixturenames", ())
    if hides:
        asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        if hides:
            asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Give the path of a Chromium; skip, or fail where it is required."""
    return programs.chromium()


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Give that Chromium, running."""
    with sync_playwright() as playwright:
        browser = programs.launch(playwright, chromium)
        loop = asyncio._get_running_loop()
        yield browser
        asyncio._set_running_loop(loop)
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
