"""The rule for outside programs: skip where missing, fail where required."""

import stat
from pathlib import Path

import pytest

from tests import programs


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_VENV_MICROPYTHON", tmp_path / "nowhere")
    monkeypatch.delenv("MICROPYTHON", raising=False)
    monkeypatch.delenv("REQUIRED_PROGRAMS", raising=False)


def _program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_missing_skips() -> None:
    """A missing program skips its test and says how to get it."""
    with pytest.raises(pytest.skip.Exception, match=r"no micropython here: run \.ci/install"):
        programs.micropython()


def test_missing_but_required_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A required program that is missing fails its test."""
    monkeypatch.setenv("REQUIRED_PROGRAMS", "micropython,chromium")
    with pytest.raises(pytest.fail.Exception, match="no chromium here"):
        programs.chromium()


def test_another_required_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requiring one program says nothing about the other."""
    monkeypatch.setenv("REQUIRED_PROGRAMS", "micropython")
    with pytest.raises(pytest.skip.Exception):
        programs.chromium()


def test_browser_by_its_other_name(tmp_path: Path) -> None:
    """Any of the browser's names on PATH is good."""
    browser = _program(tmp_path / "google-chrome")
    assert programs.chromium() == browser


def test_named_micropython_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """MICROPYTHON comes before what is on PATH."""
    _program(tmp_path / "micropython")
    named = _program(tmp_path / "mine")
    monkeypatch.setenv("MICROPYTHON", str(named))
    assert programs.micropython() == named
