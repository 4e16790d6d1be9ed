"""The scripts are ES5, which is all that the engines of older TVs understand."""

import subprocess
from pathlib import Path

import pytest

from tests.clients import node
from tests.device_client.tv.television import FOLDER, SCRIPTS

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def parser() -> Path:
    """Give the folder with a parser that can be told which year it is; skip without Node."""
    node.node()
    return node.install(HERE)


def refusal(parser: Path, script: Path) -> str:
    """Return what is wrong with a script as ES5, or nothing."""
    acorn = parser / "node_modules" / "acorn" / "bin" / "acorn"
    command: list[str | Path] = ["node", acorn, "--ecma5", "--silent", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_es5(parser: Path, name: str) -> None:
    """Chromium 38 could read each of them. docs/tv.md"""
    assert refusal(parser, FOLDER / name) == ""


@pytest.mark.parametrize(
    "script", ["let a = 1;", "var f = () => 1;", "var t = `x`;", "f(...a);", "var {a} = b;"]
)
def test_newer_scripts_are_refused(parser: Path, tmp_path: Path, script: str) -> None:
    """The check sees what came after ES5."""
    newer = tmp_path / "newer.js"
    newer.write_text(script)
    assert "Unexpected" in refusal(parser, newer)


NEWER = {
    "scripts": [
        *(
            "fetch(",
            "Promise",
            "Symbol(",
            "new Map",
            "new Set",
            "classList",
            ".append(",
            ".remove(",
        ),
        *("Object.assign", "Object.entries", "Object.values", ".includes(", ".startsWith("),
        *(".endsWith(", ".repeat(", ".padStart(", ".find(", ".fill(", "Array.from", "Number.is"),
        *("URLSearchParams", "TextEncoder", ".closest(", ".forEach.call(document"),
    ],
    "style": [
        "grid;",
        "var(",
        "gap:",
        "min(",
        "max(",
        "clamp(",
        " aspect-ratio:",
        "inset:",
        ":is(",
    ],
}


def test_nothing_newer_is_called() -> None:
    """No script or style uses what engines before 2015 lack. docs/tv.md"""
    scripts = "".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = (FOLDER / "tv.css").read_text(encoding="utf-8")
    scripts = scripts.replace("Math.min(", "").replace("Math.max(", "")
    assert not [word for word in NEWER["scripts"] if word in scripts]
    assert not [word for word in NEWER["style"] if word in style]


def test_the_page_is_kept_apart() -> None:
    """The page has no script, style or handler of its own, so that a strict policy fits. HD-01"""
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert page.count("<script") == page.count('<script src="')
    assert not [word for word in ("<style", "style=", "onclick", "onload", "//") if word in page]


def test_lock_names_no_host() -> None:
    """The parser comes from whatever registry a machine uses, checked by its digest."""
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert "//" not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/') == 1
