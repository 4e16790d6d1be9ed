"""The real server in a process of its own."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PASSWORD = "a password for journeys"
_COMMAND = [sys.executable, "-m", "server.cli"]
_ROOT = Path(__file__).parents[2]


class RunningPortal(NamedTuple):
    """A portal that listens: where, and the environment that configures it."""

    issuer: str
    environ: dict[str, str]
    log: Path

    def command(self, *arguments: str, stdin: str = "") -> None:
        """Run a `pairlight` command against the same configuration."""
        command = [*_COMMAND, *arguments]
        subprocess.run(command, env=self.environ, cwd=_ROOT, input=stdin, text=True, check=True)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(directory: Path, **settings: str) -> Iterator[RunningPortal]:
    """Serve with these settings until the block ends; has the user ada and the client tv."""
    port = int(settings.get("port", free_port()))
    own = {name: value for name, value in os.environ.items() if not name.startswith("PAIRLIGHT_")}
    environ = {
        **own,
        "PAIRLIGHT_PORT": str(port),
        "PAIRLIGHT_DATABASE": f"sqlite:///{directory}/pairlight.db",
        **{f"PAIRLIGHT_{name.upper()}": value for name, value in settings.items()},
    }
    portal = RunningPortal(f"http://localhost:{port}", environ, directory / "portal.log")
    portal.command("user", "add", "ada", "--name", "Ada", "--password-stdin", stdin=PASSWORD)
    portal.command("client", "add", "Living Room TV", "--id", "tv")
    with serving(environ, portal.log):
        yield portal


@contextlib.contextmanager
def serving(environ: dict[str, str], log: Path) -> Iterator[None]:
    """Run `pairlight serve` until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_COMMAND, "serve"], env=environ, cwd=_ROOT, stdout=output, stderr=output
        )
    try:
        wait_until_it_listens(int(environ["PAIRLIGHT_PORT"]), process, log)
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0


def wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Try to connect until it works or the process has ended."""
    for _ in range(1500):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            break
    raise AssertionError(f"nothing listens: {log.read_text()}")
