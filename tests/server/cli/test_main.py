"""What all commands share."""

import sqlite3
from functools import partial
from pathlib import Path

import click
import pytest

from server.cli import main
from server.core.ports import StoreUnavailable
from server.storage.clients import SQLClients
from server.storage.sqlite import SQLiteDatabase
from tests.server.cli.conftest import Run


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    """Return the path of every command below a group, itself included."""
    found = [path]
    for name, command in group.commands.items():
        inner = commands(command, *path, name) if isinstance(command, click.Group) else None
        found += inner or [(*path, name)]
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself(run: Run, path: tuple[str, ...], flag: str) -> None:
    """Every command tells what it is for, without touching anything. ASVS 16.5."""
    result = run(*path, flag)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"Usage: {' '.join(('pairlight', *path))} " in result.stdout
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("user", "add"),
        ("serve", "--x"),
        ("serve", "--http-server", "x"),
        ("demo", "--port", "0"),
        ("demo", "--port", "65536"),
    ],
)
def test_a_wrong_call_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    """An unknown command or option, or a missing argument, is status 2. ASVS 16.5."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--help" in result.stderr


def test_the_configuration_file_is_read(run: Run) -> None:
    """--config names the file for every command. MD-02."""
    Path("tv.toml").write_text('database = "sqlite:///tv.db"')
    assert run("--config", "tv.toml", "client", "add", "The TV").exit_code == 0
    assert Path("tv.db").exists()


def test_a_bad_configuration_is_one_line(run: Run) -> None:
    """A mistake of the operator is one line with a hint, and status 2. ASVS 16.5."""
    Path("tv.toml").write_text("isuer = 1")
    result = run("--config", "tv.toml", "client", "add", "The TV")
    assert result.exit_code == 2
    assert result.stderr == ("pairlight: unknown configuration key: isuer (did you mean issuer?)\n")


def test_a_failing_database_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that fails under a command is one line as well. LO-02."""

    def fail(*_: object) -> bool:
        raise StoreUnavailable("disk I/O\nerror")

    monkeypatch.setattr(SQLClients, "add", fail)
    result = run("client", "add", "The TV")
    assert result.exit_code == 2
    assert result.stderr == (
        "pairlight: the database failed: disk I/O error (try again in a moment)\n"
    )


def test_a_locked_database_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that another program holds stops a command with a hint. RB-07."""
    impatient = partial(SQLiteDatabase, patience=0.01)
    monkeypatch.setattr("server.app.open_database", impatient)
    other = sqlite3.connect("pairlight.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    result = run("client", "add", "The TV")
    other.close()
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "cannot use the database pairlight.db: database is locked (" in result.stderr
