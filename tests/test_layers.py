"""Who may import whom. The tables are the rule; docs/architecture.md tells the story."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

# What each part may import of this project, beside itself. A module in no part is refused.
ALLOWED = {
    "server.__init__": "",
    "server.core": "",
    "server.grants": "server.core",
    "server.storage": "server.core",
    "server.storage.migrations": "server.core server.storage server.config",  # run by hand too
    "server.waiting_room": "server.core",
    "server.key_schedule": "server.storage",
    "server.signing": "server.core server.storage server.key_schedule",
    "server.jwt_reader": "",
    "server.passwords": "server.core",
    "server.counting": "server.core",
    "server.qr": "server.core",
    "server.proxies": "",
    "server.logs": "",
    "server.endpoints": "server.core",
    "verifier_web": "server.core",
    "server.config": "server.core server.config_checks",
    "server.config_checks": "server.core server.config",
    "server.secret_file": "server.core server.config server.config_checks",
    "server.views": "server.core server.endpoints verifier_web",
    "server.wsgi": "server.core server.endpoints",
    "server.resource": "server.jwt_reader",  # in other people's processes
    "server.app": "server.core server.grants server.storage server.waiting_room server.signing"
    " server.passwords server.logs server.endpoints verifier_web server.config server.config_checks"
    " server.secret_file server.views server.wsgi server.counting server.qr server.proxies"
    " server.jwt_reader",
    "server.serving": "server.config server.app",
    "server.cli": "server verifier_web device_client",
    "device_client": "",
}

# What a part may not touch at all: modules, and names in modules.
_WEB = "flask werkzeug"
_CLOCK_AND_CHANCE = (
    "time random secrets uuid os.urandom datetime.datetime.now datetime.datetime.utcnow"
    " datetime.date.today"
)
FORBIDDEN = {
    "server.core": f"{_WEB} sqlalchemy {_CLOCK_AND_CHANCE}",
    "server.grants": f"{_WEB} sqlalchemy {_CLOCK_AND_CHANCE}",
    "server.endpoints": _WEB,
    "server.wsgi": _WEB,
}

# Parts that import nothing installed, except what is named here.
STANDARD_LIBRARY_AND = {
    "server.core": "",
    "device_client": "framebuf machine micropython neopixel network ntptime rp2 esp32 tls",
    "device_client.requests_transport": "requests urllib3",
    "server.resource": "flask joserfc",
}

PROJECT = ("server", "verifier_web", "device_client")


class Use(NamedTuple):
    """A dotted name that a module imports or reaches through an import."""

    line: int
    name: str


def part_of(name: str, table: dict[str, str]) -> str:
    """Return the longest entry of the table that the dotted name lies in, or nothing."""
    return max((entry for entry in table if _within(name, entry)), key=len, default="")


def broken_arrows(module: str, source: str, file: str) -> list[str]:
    """Return a line for each use of a module or name that the tables do not allow."""
    part = part_of(module, ALLOWED)
    if not part:
        return [f"{file}: {module} is in no part of the table"]
    return [
        f"{file}:{use.line}: {part} -> {use.name}: {why}"
        for use in uses(module, source)
        for why in (_refusal(module, part, use.name),)
        if why
    ]


def uses(module: str, source: str) -> Iterator[Use]:
    """Yield every import, wherever it stands, and every dotted name that starts at one."""
    tree = ast.parse(source)
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                bound[alias.asname or top] = alias.name if alias.asname else top
                yield Use(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            origin = _absolute(module, node)
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{origin}.{alias.name}"
                yield Use(node.lineno, f"{origin}.{alias.name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if first in bound:
                yield Use(node.lineno, f"{bound[first]}.{rest}")


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _refusal(module: str, part: str, name: str) -> str:
    if any(_within(name, entry) for entry in _words(FORBIDDEN, part)):
        return f"not for {part}"
    top = name.partition(".")[0]
    if top in PROJECT:
        if part_of(name, ALLOWED) == part or any(
            _within(name, entry) for entry in _words(ALLOWED, part)
        ):
            return ""
        return "the arrow does not go this way"
    strict = part_of(module, STANDARD_LIBRARY_AND)
    if not strict or top in sys.stdlib_module_names:
        return ""
    return "" if top in _words(STANDARD_LIBRARY_AND, strict) else "the standard library only"


def _words(table: dict[str, str], key: str) -> list[str]:
    return table.get(key, "").split()


def _within(name: str, entry: str) -> bool:
    return name == entry or name.startswith(f"{entry}.")


def _modules() -> Iterator[tuple[str, Path]]:
    for top in PROJECT:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts), path


def test_arrows() -> None:
    """No module imports against the table."""
    broken = [
        line
        for module, path in _modules()
        for line in broken_arrows(module, path.read_text(), str(path.relative_to(ROOT)))
    ]
    assert not broken, "\n".join(["broken arrows:", *broken])


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("server.core.polling", "import time"),
        ("server.core.polling", "from os import urandom"),
        ("server.core.polling", "import os\nkey = os.urandom(8)"),
        ("server.core.polling", "from datetime import datetime as d\nnow = d.now()"),
        ("server.core.polling", "def f():\n    import joserfc"),
        ("server.core.polling", "from ..storage import schema"),
        ("server.grants.device_code", "from secrets import token_urlsafe"),
        ("server.grants.device_code", "import sqlalchemy.exc"),
        ("server.grants.device_code", "from server import waiting_room"),
        ("server.endpoints.token", "from flask import request"),
        ("server.endpoints.token", "import server.signing"),
        ("server.storage.schema", "from server.config import Config"),
        ("server.signing", "from server.grants import GRANTS"),
        ("verifier_web.pages.confirm", "from server.storage import schema"),
        ("server.views", "from server.app import create_app"),
        ("server.app", "from server.cli import main"),
        ("server.wsgi", "import werkzeug.wrappers"),
        ("server.resource.guard", "from server.core import tokens"),
        ("server.resource.fetching", "import requests"),
        ("server.__init__", "from server.app import create_app"),
        ("device_client.flow", "from server.core import user_code"),
        ("device_client.qr", "import segno"),
    ],
)
def test_broken_arrow_is_told(module: str, source: str) -> None:
    """The checker names file, line and arrow of what it refuses."""
    (told,) = broken_arrows(module, source, "made/up.py")
    line = source.count("\n") + 1
    assert told.startswith(f"made/up.py:{line}: {part_of(module, ALLOWED)} -> ")


def test_newcomer_is_told() -> None:
    """A module that the table does not know is refused until someone decides where it belongs."""
    assert broken_arrows("server.newcomer", "", "server/newcomer.py") == [
        "server/newcomer.py: server.newcomer is in no part of the table"
    ]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("server.core.polling", "import hashlib\nfrom server.core.records import Client"),
        ("server.core.polling", "from datetime import timedelta\nfrom . import records"),
        ("server.grants.device_code", "from ..core.ports import Clients"),
        ("server.storage.sqlite", "import sqlalchemy\nimport time\nfrom . import schema"),
        ("server.storage.migrations.env", "from server.config import Config"),
        ("server.app", "import flask\nfrom server.storage import schema"),
        ("server.cli.demo", "from device_client import flow\nfrom server.app import create_app"),
        ("device_client.requests_transport", "import requests"),
        ("device_client.boards.pico_w", "import machine\nfrom device_client import run"),
    ],
)
def test_allowed(module: str, source: str) -> None:
    """What the table allows passes."""
    assert broken_arrows(module, source, "made/up.py") == []
