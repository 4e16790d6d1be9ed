"""Who is measured: ours, and what it is compared with."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from server.config import Config
from tests.benchmarks.filling import fill
from tests.benchmarks.processes import ROOT, Server, started
from tests.benchmarks.wrk import POLL, Codes, Load
from tests.journeys.running_portal import PASSWORD, free_port

# No limit is to be what we measure, whether this version has it or not.
_UNLIMITED = {
    "starts_per_address": 2**30,
    "starts_per_client": 2**30,
    "live_device_authorizations": 2**30,
    "approvals_per_day": 2**30,
    "held_polls": 10_000,
}
_LINES = 50_000  # codes polled in one go: more than any server here answers in a few seconds


class Contender(NamedTuple):
    """A server that answers polls and device authorizations at these addresses."""

    name: str
    server: Server
    database: Path | None
    codes: Codes
    start: Load
    turns: Iterator[int]

    def polls(self) -> Load:
        """Return polls of codes that were not polled a moment ago, as far as there are enough."""
        lines = min(_LINES, self.codes.lines)
        first = next(self.turns) % (self.codes.lines // lines) * lines
        return Load("/token", POLL, self.codes._replace(first=first, lines=lines))


@contextlib.contextmanager
def ours(directory: Path, name: str, live: int = 0, factory: str = "") -> Iterator[Contender]:
    """Run Pairlight over a database with that many live codes; or a factory of `applications`."""
    directory.mkdir()
    port = free_port()
    known = Config.__dataclass_fields__
    settings = {
        "port": port,
        "database": f"sqlite:///{directory}/pairlight.db",
        **{key: value for key, value in _UNLIMITED.items() if key in known},
    }
    environ = _environ() | {
        f"PAIRLIGHT_{key.upper()}": str(value) for key, value in settings.items()
    }
    _command(environ, "user", "add", "ada", "--name", "Ada", "--password-stdin", stdin=PASSWORD)
    _command(environ, "client", "add", "Living Room TV", "--id", "tv")
    codes = Codes(directory / "codes", 0, live)
    fill(directory / "pairlight.db", codes.file, live)
    module = ["tests.benchmarks.serve_other", factory] if factory else ["server.cli", "serve"]
    with started([sys.executable, "-m", *module], port, environ, directory / "log") as server:
        start = Load("/device_authorization", "client_id=tv")
        yield Contender(name, server, directory / "pairlight.db", codes, start, count())


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PAIRLIGHT_")}


def _command(environ: dict[str, str], *arguments: str, stdin: str = "") -> None:
    subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        env=environ,
        cwd=ROOT,
        input=stdin,
        text=True,
        check=True,
        capture_output=True,
    )
