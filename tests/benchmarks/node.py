"""node-oidc-provider, installed from npm when the benchmark runs; skipped with a reason if not."""

import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.benchmarks.contenders import Contender
from tests.benchmarks.processes import ROOT, started
from tests.benchmarks.wrk import POLL, Codes, Load
from tests.journeys.running_portal import free_port

NAME = "oidc-provider, in memory"
_HOME = ROOT / ".venv" / "bench-node"
_PACKAGE = "oidc-provider@9"
_OLDEST = 20
_SCRIPT = Path(__file__).with_name("oidc_provider.mjs")


class NotThereError(Exception):
    """It cannot be measured here, and this is why."""


def install() -> str:
    """Install it where it is not yet, and return which it is. Raises NotThereError."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise NotThereError("no Node here")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    node = version.stdout.strip()
    if int(node.removeprefix("v").partition(".")[0]) < _OLDEST:
        raise NotThereError(f"Node {node} is older than {_OLDEST}")
    package = _HOME / "node_modules" / "oidc-provider" / "package.json"
    if not package.exists():
        _HOME.mkdir(parents=True, exist_ok=True)
        (_HOME / "package.json").write_text('{"private": true}\n')
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", _PACKAGE]
        done = subprocess.run(command, cwd=_HOME, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotThereError(f"npm cannot install it: {done.stderr.strip()[-200:]}")
    return f"oidc-provider {json.loads(package.read_text())['version']}, Node {node}"


@contextlib.contextmanager
def oidc_provider(directory: Path, live: int) -> Iterator[Contender]:
    """Run it with that many live codes. Raises NotThereError."""
    install()
    directory.mkdir()
    script = _HOME / "server.mjs"  # beside its modules, or Node does not find them
    shutil.copyfile(_SCRIPT, script)
    port = free_port()
    environ = os.environ | {"NODE_ENV": "production"}
    command = ["node", str(script), str(port), str(directory / "tokens.json")]
    with started(command, port, environ, directory / "log") as server:
        start = Load("/device/auth", "client_id=tv")
        codes = [_post(server.url + start.path, start.body)["device_code"] for _ in range(live)]
        file = directory / "codes"
        file.write_text("".join(f"{code}\n" for code in codes))
        answer = _post(f"{server.url}/token", POLL + codes[0])
        if answer.get("error") != "authorization_pending":
            raise NotThereError(f"it answers {answer}")
        yield Contender(NAME, server, None, Codes(file, 0, live), start, count())


def _post(url: str, form: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(url, form.encode(), timeout=10) as response:
            answer: dict[str, str] = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    return answer
