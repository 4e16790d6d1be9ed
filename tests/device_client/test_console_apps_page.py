"""What the page on console apps says is what happens."""

import json
import re

import pytest

from device_client import __main__ as command
from device_client.show_json import ENDS
from tests.device_client.conftest import ROOT

PAGE = (ROOT / "docs/console_apps.md").read_text(encoding="utf-8")


def test_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has what --help prints on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit, match="0"):
        command.main(["--help"])
    assert capsys.readouterr().out.strip() in PAGE


def test_exit_statuses() -> None:
    """Every exit status has a row that names its final event. CL-17."""
    rows = dict(re.findall(r"^\| (\d+) \| .* \| (.*) \|$", PAGE, re.MULTILINE))
    for state, status in command.EXIT.items():
        assert f"`{ENDS[state]}`" in rows[str(status)]
    for status, event in command.EVENTS.items():
        assert f"`{event}`" in rows[str(status)]


def test_events() -> None:
    """Every event in the page's transcript has a row in its table."""
    lines = [json.loads(line) for line in re.findall(r"^\{\"event.*\}$", PAGE, re.MULTILINE)]
    assert len(lines) == 6
    for line in lines:
        (row,) = re.findall(rf"^\| `{line['event']}` \| (.*) \|$", PAGE, re.MULTILINE)
        assert all(f"`{member}`" in row for member in line if member != "event")
