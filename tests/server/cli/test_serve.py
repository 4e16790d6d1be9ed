"""`pairlight serve`, as operators run it: a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from server import serving
from server.app import build
from server.config import make

ROOT = Path(__file__).parent.parent.parent.parent
SERVE = [sys.executable, "-m", "server.cli", "serve"]
BOUND = 20  # seconds in which a start or a stop must be done
SECRET = "a secret for tests, long enough."

# The superuser may write anywhere; without this power it is like everybody else.
HUMBLE = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []


@pytest.fixture
def port() -> int:
    """Give a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def environ(**own: str) -> dict[str, str]:
    """Return an environment with nothing of the operator's, and ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAIRLIGHT_")}
    paths = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))
    ours = {f"PAIRLIGHT_{name.upper()}": value for name, value in own.items()}
    return {**kept, "PYTHONPATH": paths, **ours}


# Bad starts


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Give a directory with everything that can stop a start, and the words for it in rows."""
    (tmp_path / "broken.toml").write_text("issuer = https://tv.example")
    (tmp_path / "strange.db").write_text("This is not a database. " * 100)
    (tmp_path / "locked").mkdir(0o500)
    (tmp_path / "old.db").touch(0o400)
    build(make(database=f"sqlite:///{tmp_path}/made.db", secret=SECRET)).database.close()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield {"here": str(tmp_path), "taken": str(listener.getsockname()[1])}


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"port": "{taken}"}, "cannot listen on 127.0.0.1:{taken}: Address already in use"),
        ({"host": "tv.invalid", "issuer": "https://tv.example"}, "cannot listen on tv.invalid:"),
        (
            {"database": "sqlite:///{here}/nowhere/tv.db"},
            "cannot use the database {here}/nowhere/tv.db: No such file or directory",
        ),
        (
            {"database": "sqlite:///{here}/locked/tv.db"},
            "cannot use the database {here}/locked/tv.db: Permission denied",
        ),
        (
            {"database": "sqlite:///{here}/old.db"},
            "cannot use the database {here}/old.db: Permission denied",
        ),
        (
            {"database": "sqlite:///{here}/locked/tv.db", "secret": ""},
            "cannot keep the secret in {here}/locked/tv.secret: Permission denied",
        ),
        (
            {"database": "sqlite:///{here}/strange.db"},
            "cannot use the database {here}/strange.db: file is not a database",
        ),
        (
            {"database": "sqlite:///{here}/made.db"},
            "the secret is not the one that the database {here}/made.db was made with",
        ),
        (
            {"isuer": "https://tv.example"},
            "unknown configuration key: isuer (did you mean issuer?)",
        ),
        ({"issuer": "http://tv.example"}, "issuer must be https off this machine"),
        ({"config": "{here}/broken.toml"}, "{here}/broken.toml is not valid TOML: Invalid value"),
        ({"config": "{here}/none.toml"}, "cannot read the configuration {here}/none.toml: No such"),
    ],
)
def test_a_bad_start_is_one_line(
    place: Mapping[str, str], port: int, own: dict[str, str], message: str
) -> None:
    """What stops the start is said in one line with a hint, with status 2. ASVS 16.5, DAE-07."""
    chosen = {name: value.format_map(place) for name, value in own.items()}
    default = {"port": str(port), "secret": SECRET[::-1], "database": "sqlite:///{here}/tv.db"}
    done = subprocess.run(
        [*HUMBLE, *SERVE],
        env=environ(**{name: value.format_map(place) for name, value in default.items()} | chosen),
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=False,
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert done.stderr.startswith(f"pairlight: {message.format_map(place)}")
    assert done.stderr.endswith(")\n")


# Good starts


@contextmanager
def running(http_server: str, **own: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a server in a group of processes of its own, and leave none behind."""
    process = subprocess.Popen(
        [*SERVE, "--http-server", http_server],
        env=environ(**own),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        with process:
            try:
                yield process
            finally:
                process.kill()
    finally:
        if alive(process):
            os.killpg(process.pid, signal.SIGKILL)


def alive(process: "subprocess.Popen[str]") -> bool:
    """Tell whether a process of the group is left."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def get(process: "subprocess.Popen[str]", url: str) -> dict[str, Any]:
    """Fetch JSON as soon as the server listens."""
    give_up_at = time.monotonic() + BOUND
    while time.monotonic() < give_up_at:
        try:
            with urlopen(url, timeout=BOUND) as response:
                found: dict[str, Any] = json.load(response)
                return found
        except HTTPError as error:
            with error:
                pytest.fail(f"{error.status}")
        except URLError:
            try:
                process.wait(0.05)  # until it is ready, or has given up
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(f"no answer: {process.poll()}")


@pytest.mark.parametrize("http_server", serving.NAMES)
def test_it_serves_and_stops(http_server: str, tmp_path: Path, port: int) -> None:
    """It answers, and on SIGTERM ends by itself, quietly, with no process left. RB-15, MD-01."""
    database = f"sqlite:///{tmp_path}/pairlight.db"
    with running(http_server, port=str(port), database=database) as process:
        found = get(process, f"http://127.0.0.1:{port}/.well-known/oauth-authorization-server")
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=BOUND)
        assert found["issuer"] == f"http://localhost:{port}"
        assert (process.returncode, stderr, alive(process)) == (0, "", False)
        assert stdout == (
            f"Pairlight serves http://localhost:{port} from 127.0.0.1:{port} ({http_server})\n"
        )


@pytest.mark.parametrize("again", range(3))
@pytest.mark.parametrize("http_server", serving.NAMES)
def test_it_stops_however_often_it_is_told(
    http_server: str, again: int, tmp_path: Path, port: int
) -> None:
    """Ctrl-C reaches workers too, and SIGTERM may follow at once: nothing hangs. RB-15."""
    database = f"sqlite:///{tmp_path}/pairlight.db"
    with running(http_server, port=str(port), database=database) as process:
        get(process, f"http://127.0.0.1:{port}/jwks.json")
        os.killpg(process.pid, signal.SIGINT)
        for _ in range(20):
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=BOUND)
        assert (process.returncode, alive(process)) == (0, False)


def test_plain_http_is_warned_of(tmp_path: Path, port: int) -> None:
    """A start in plain http that others can reach says so, and a long lifetime. DAE-07, COD-06."""
    own = {"issuer": f"http://192.0.2.7:{port}", "allow_plain_http": "true", "port": str(port)}
    own["database"] = f"sqlite:///{tmp_path}/pairlight.db"
    own["device_code_lifetime"] = "1800"
    with running(serving.NAMES[0], **own) as process:
        get(process, f"http://127.0.0.1:{port}/jwks.json")
        process.send_signal(signal.SIGTERM)
        lines = process.communicate(timeout=BOUND)[1].splitlines()
        assert lines[0] == "Warning: plain http. Everyone in this network can read along."
        assert lines[1].startswith("Warning: device_code_lifetime is 1800 s.")
