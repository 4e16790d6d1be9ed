"""Load from wrk: bounded, over loopback, and stopping by itself."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

HINT = "make bench needs wrk: apt install wrk, brew install wrk, or https://github.com/wg/wrk"
POLL = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=tv&device_code="
_SCRIPT = Path(__file__).with_name("drive.lua")


class Codes(NamedTuple):
    """Lines of a file of device codes, of which each is polled in turn."""

    file: Path
    first: int
    lines: int


class Load(NamedTuple):
    """What to send: a path, and a form, or nothing to GET."""

    path: str
    body: str = ""
    codes: Codes | None = None


class Answers(NamedTuple):
    """What wrk saw. Latencies are in microseconds."""

    requests: int
    microseconds: int
    p50: int
    p99: int
    refused: int  # with a status of 400 or more, which is how a pending poll is answered
    lost: int
    authorization_pending: int  # these three only where answers were counted
    slow_down: int
    user_code: int


def is_there() -> bool:
    """Tell whether wrk can be run."""
    return shutil.which("wrk") is not None


def drive(
    url: str, load: Load, connections: int, seconds: float, *, count: bool = False
) -> Answers:
    """Send as fast as the answers come. `count` looks at each answer, and is slower."""
    codes = load.codes or Codes(Path(), 0, 0)
    file = str(codes.file) if load.codes else ""
    arguments = [load.path, load.body, file, str(codes.first), str(codes.lines)]
    done = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(round(seconds), 1)}s",
            "--timeout=10s",
            f"--script={_SCRIPT}",
            url,
            "--",
            *arguments,
            "count" if count else "",
        ],
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not found:
        raise RuntimeError(f"wrk failed: {done.stderr or done.stdout}")
    answers = Answers(**json.loads(found[0]))
    if answers.lost or not answers.requests:
        raise RuntimeError(f"{url}{load.path} does not answer everything: {answers}")
    return answers
