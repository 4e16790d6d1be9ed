"""The client is a public one: it brings no secret and no key, and the core needs no clock."""

import re
from pathlib import Path

import pytest

from device_client import __main__ as command
from tests.device_client.conftest import ROOT

FOLDER = ROOT / "device_client"
SOURCES = sorted(
    path for path in FOLDER.rglob("*") if path.suffix in {".py", ".js", ".json", ".html"}
)
CORE = ("flow", "renewal", "transport", "token_file", "run", "run_async", "session", "discovery")


def test_there_are_sources() -> None:
    """The search below looks at all of it: board, TV and command."""
    names = {path.relative_to(FOLDER).as_posix() for path in SOURCES}
    assert {"flow.py", "board.py", "tv/flow.js", "package.json"} <= names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_client_secret(path: Path) -> None:
    """Nobody can put a secret into the client, so nobody ships one. CL-11, RFC 8628 5.6."""
    assert not re.findall(r"(?i)client_?secret|Authorization:? Basic", path.read_text())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_assertion(path: Path) -> None:
    """The client makes no assertion, so none has a wrong audience. CL-19, RFC 7523 2.2."""
    assert not re.findall(r"(?i)client_assertion|private_key", path.read_text())


def test_no_option_for_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """The command takes none either. CL-11."""
    with pytest.raises(SystemExit):
        command.main(["--help"])
    assert "secret" not in capsys.readouterr().out


@pytest.mark.parametrize("name", CORE)
def test_no_clock(name: str) -> None:
    """An unset clock changes nothing where there is none: milliseconds come from outside. CL-13."""
    source = (FOLDER / f"{name}.py").read_text()
    assert not re.findall(r"^\s*(?:import|from) (?:time|datetime|utime)\b", source, re.MULTILINE)
