"""The Node that scenes are played in: one that is too old is none, and its lock names no host."""

import shutil
import stat
from pathlib import Path

import pytest

from tests.clients import node

HERE = Path(__file__).parent


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the only folder that programs are looked for in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REQUIRED_PROGRAMS", raising=False)
    return tmp_path


def put(machine: Path, name: str, told: str) -> None:
    """Put a program there that says one thing."""
    program = machine / name
    program.write_text(f"#!/bin/sh\necho {told}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(("version", "fits"), [("v18.20.4", False), ("v20.0.0", True)])
def test_version(machine: Path, version: str, fits: bool) -> None:
    """The libraries use what Node has from 20 on. CONTRIBUTING, What the tests need."""
    put(machine, "npm", "11.0.0")
    put(machine, "node", version)
    if fits:
        assert node.node() == Path(str(shutil.which("node")))
    else:
        with pytest.raises(pytest.skip.Exception, match="no node here: install Node 20"):
            node.node()


def test_required(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Node is required, its lack fails."""
    monkeypatch.setenv("REQUIRED_PROGRAMS", "chromium,node")
    with pytest.raises(pytest.fail.Exception, match="no node here"):
        node.node()


def test_lock_names_no_host() -> None:
    """Packages come from whatever registry a machine uses, checked by their digests."""
    lock = (HERE / "package-lock.json").read_text()
    assert "//" not in lock
    assert "resolved" not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
