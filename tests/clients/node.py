"""Scenes that are played in Node, with libraries from npm as their lock has them."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests import programs

_HERE = Path(__file__).parent
_CACHE = _HERE.parents[1] / ".venv" / "clients-node"
_DESCRIPTION = ("package.json", "package-lock.json", ".npmrc")
_OLDEST = 20


def node() -> Path:
    """Return a Node that the libraries run in, with npm beside it, or skip the test."""
    fits = shutil.which("npm") and shutil.which("node") and _version() >= _OLDEST
    hint = f"install Node {_OLDEST} or newer, with npm"
    return programs._first_of("node", ["node"] if fits else [], hint)


def _version() -> int:
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return int(told.stdout.removeprefix("v").partition(".")[0])


def install(described: Path = _HERE) -> Path:
    """Install what a folder describes where it is not yet; return where, scenes beside it."""
    lock = b"".join((described / name).read_bytes() for name in _DESCRIPTION)
    folder = _CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in _DESCRIPTION:
            shutil.copy(described / name, folder)
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=folder, check=True)
    for script in described.glob("*.mjs"):  # beside its modules, or Node does not find them
        shutil.copy(script, folder)
    return folder


class FailedError(Exception):
    """What a library threw: its `error` is what a server answered, if it did."""

    def __init__(self, thrown: dict[str, Any]) -> None:
        super().__init__(str(thrown))
        self.error = thrown.get("error")
        self.code = thrown.get("code")


class Scene:
    """A scene in a process of its own, with which one talks in JSON."""

    def __init__(self, folder: Path, library: str, scene: str, told: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            ["node", "play.mjs", library, scene],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.tell(told)

    def tell(self, value: object) -> None:
        """Say what the scene waits for."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """Wait for what the scene says next. Raises FailedError."""
        assert self._process.stdout
        said = json.loads(self._process.stdout.readline())
        if isinstance(said, dict) and "failed" in said:
            raise FailedError(said["failed"])
        return said

    def end(self) -> Any:
        """Wait for the end and return the result. Raises FailedError."""
        return self.hear()["result"]

    def close(self) -> None:
        """End it, should it still run."""
        self._process.kill()
        self._process.communicate()
