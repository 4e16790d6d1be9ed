"""What is written down, and that nobody can forge it."""

import json
import logging
import re
import time
from collections.abc import Iterator

import pytest

from server import logs

FORGED = "x\n2027-01-15T08:00:00.000Z INFO pairlight.audit forged"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root, audit = logging.getLogger(), logging.getLogger("pairlight.audit")
    handlers, level, audit_level = root.handlers[:], root.level, audit.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    audit.setLevel(audit_level)


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """An event is written as one JSON object behind its time. LO-01."""
    logs.configure(audit=True)
    logs.log_event("signed_in", subject="ada", client_id=None)
    written = json.loads(capsys.readouterr().err.split(" ", 3)[3])
    assert written == {"event": "signed_in", "subject": "ada", "client_id": None}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028"])
def test_a_fact_cannot_forge_a_line(capsys: pytest.CaptureFixture[str], ending: str) -> None:
    """Whatever ends a line somewhere stays inside the line it is in. LO-01."""
    logs.configure(audit=True)
    logs.log_event("signed_in", subject=FORGED.replace("\n", ending))
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028"])
def test_an_error_cannot_forge_a_record(capsys: pytest.CaptureFixture[str], ending: str) -> None:
    """A traceback takes several lines, of which only the first looks like a record. LO-01."""
    logs.configure()
    forged = FORGED.replace("\n", ending)
    logging.getLogger("server").error("unexpected: %s", forged, exc_info=ValueError(forged))
    lines = capsys.readouterr().err.splitlines()
    assert [bool(TIME.match(line)) for line in lines] == [True] + [False] * (len(lines) - 1)


def test_times_are_utc(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A time is written in UTC, wherever the server stands. LO-01."""
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    logs.configure()
    record = logging.LogRecord("server", logging.WARNING, "", 0, "hello", None, None)
    record.created, record.msecs = 1_800_000_000.0, 0
    logging.getLogger().handle(record)
    monkeypatch.undo()
    time.tzset()
    assert capsys.readouterr().err == "2027-01-15T08:00:00.000Z WARNING server hello\n"


def test_the_trail_is_only_kept_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands write no trail; the server does. LO-04."""
    logs.configure()
    logs.log_event("account_added", subject="ada")
    assert capsys.readouterr().err == ""


def test_logs_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of the log stands in what a command prints. LO-01."""
    logs.configure()
    logging.getLogger("server").warning("hello")
    captured = capsys.readouterr()
    assert (captured.out, captured.err.endswith(" hello\n")) == ("", True)
