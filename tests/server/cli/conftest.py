"""The `pairlight` command in a directory and an environment of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.app import Application, build
from server.cli import main
from server.config import load

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is set and kept outside away from the commands, and the other way round."""
    for name in [name for name in os.environ if name.startswith("PAIRLIGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PAIRLIGHT_CONFIG", "")  # so that `--config` is forgotten as well
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("server.logs.configure", lambda **_: None)


@pytest.fixture
def run() -> Run:
    """Give the command: arguments and standard input in, result out."""

    def run(*arguments: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="pairlight")

    return run


@contextmanager
def opened() -> Iterator[Application]:
    """Open what the commands worked on."""
    application = build(load())
    yield application
    application.close()
