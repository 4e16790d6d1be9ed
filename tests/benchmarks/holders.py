"""Thousands of held polls on one process: what each costs, and whether others notice."""

import contextlib
import resource
import select
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.arithmetic import Sample
from tests.benchmarks.contenders import Contender, ours
from tests.benchmarks.filling import VERIFIER, fill
from tests.benchmarks.rounds import Piece, Plan, once
from tests.benchmarks.wrk import POLL, Load

_HOLDERS = 5_000
_WAIT = 25  # seconds
_LOADS: tuple[tuple[str, Callable[[Contender], Load], int], ...] = (
    ("polls, 32 connections", Contender.polls, 32),
    ("polls, 1 connection", Contender.polls, 1),
    ("the page to enter a code, 1 connection", lambda _: Load("/device"), 1),
)


def run(directory: Path, plan: Plan) -> Iterator[Piece]:
    """Yield pieces of the report, and figures for the gates."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server inherits it
    found: dict[str, list[Sample]] = {}
    sizes, held, cpu = [], [], []
    yield f"## {_HOLDERS:,} held polls on one process"
    with ours(directory / "ours", "Pairlight", 100_000) as portal:
        assert portal.database
        codes = directory / "codes"
        fill(portal.database, codes, _HOLDERS, held=True)
        for _ in range(min(plan.rounds, 3)):
            _round(portal, "", found)
            before = portal.server.memory()
            with _holding(portal.server.url, codes.read_text().split()) as waiting:
                if not _answers(portal.server.url):
                    yield f"With {len(waiting):,} polls sent, the server answers nobody else."
                    yield {"polls held at once": 0}
                    return
                sizes.append((portal.server.memory() - before) / _HOLDERS)
                cpu.append(_idle(portal))
                _round(portal, f", beside {_HOLDERS:,} held", found)
                held.append(_unanswered(waiting))
            time.sleep(_WAIT)  # it holds them whether or not anybody listens
    yield report.rows("", dict(sorted(found.items())))
    yield (
        f"Still held when the measuring was over: {min(held):,}. One takes "
        f"{max(sizes) / 1000:.0f} KB of memory the first time, {min(sizes) / 1000:.0f} KB later, "
        f"and all together {max(cpu):.1%} of a core. {report.disturbance(found.values())}"
    )
    yield {"polls held at once": min(held)}


def _round(portal: Contender, beside: str, found: dict[str, list[Sample]]) -> None:
    """Measure without waiting for quiet: all must be over before the holding is."""
    for name, load, connections in _LOADS:
        sample = once(portal.server, partial(load, portal), connections, 2)
        found.setdefault(name + beside, []).append(sample)


def _idle(portal: Contender) -> float:
    """Return the share of a core that the server uses while nothing is asked of it."""
    time.sleep(1)  # whoever is still on the way in arrives
    before = portal.server.cpu()
    time.sleep(2)
    return (portal.server.cpu() - before) / 2


@contextlib.contextmanager
def _holding(url: str, codes: list[str]) -> Iterator[list[socket.socket]]:
    """Have a poll held for each of these codes, as far as it goes, until the block ends."""
    host, _, port = url.removeprefix("http://").partition(":")
    with contextlib.ExitStack() as stack:
        sockets: list[socket.socket] = []
        for code in codes:
            try:
                connection = socket.create_connection((host, int(port)), 5)
            except OSError:
                break
            sockets.append(stack.enter_context(connection))
            body = f"{POLL}{code}&code_verifier={VERIFIER}"
            connection.sendall(
                f"POST /token HTTP/1.1\r\nHost: localhost\r\nPrefer: wait={_WAIT}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
        yield sockets


def _answers(url: str) -> bool:
    """Tell whether anybody else is answered."""
    try:
        with urllib.request.urlopen(f"{url}/jwks.json", timeout=10) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _unanswered(sockets: list[socket.socket]) -> int:
    poll = select.poll()
    for connection in sockets:
        poll.register(connection, select.POLLIN)
    return len(sockets) - len(poll.poll(0))
