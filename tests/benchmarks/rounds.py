"""Rounds of load, one contender after the other, again and again: what drifts hits all alike."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from tests.benchmarks.arithmetic import Sample
from tests.benchmarks.contenders import Contender
from tests.benchmarks.processes import Server, busy, cores, own
from tests.benchmarks.wrk import Load, drive

_QUIET = 0.05  # of the machine, used by others; a round with more is tried again
_TRIES = 2
_PATIENCE = 3.0  # seconds to wait for quiet before each try


class Plan(NamedTuple):
    """How much is measured."""

    rounds: int
    seconds: float


# A part of the report, or figures for the gates; None where the machine was too busy to tell.
Piece = str | dict[str, float | None]
Loads = Callable[[Contender], Load]  # what to send to whom, next


def measure(
    contenders: Sequence[Contender], loads: Loads, connections: int, plan: Plan
) -> dict[str, list[Sample]]:
    """Return the rounds of each contender."""
    found: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for _ in range(plan.rounds):
        for contender in contenders:
            sample = one(contender.server, partial(loads, contender), connections, plan.seconds)
            found[contender.name].append(sample)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def one(server: Server, load: Callable[[], Load], connections: int, seconds: float) -> Sample:
    """Return one round; of several, if others used the machine, the least disturbed."""
    samples = []
    for _ in range(_TRIES):
        _wait_for_quiet()
        samples.append(once(server, load, connections, seconds))
        if samples[-1].foreign < _QUIET:
            break
    return min(samples, key=lambda sample: sample.foreign)


def mix(contender: Contender, load: Load, connections: int) -> str:
    """Return which answers the load gets, in percent, from a second that is not timed."""
    answers = drive(contender.server.url, load, connections, 1, count=True)
    kinds = Counter(
        pending=answers.authorization_pending,
        slow_down=answers.slow_down,
        started=answers.user_code,
    )
    kinds["other"] = answers.requests - kinds.total()
    shares: Mapping[str, float] = {
        kind: 100 * count / answers.requests for kind, count in kinds.items()
    }
    # wrk ends with some answers under way, counted and not looked at.
    return ", ".join(f"{share:.0f} % {kind}" for kind, share in shares.items() if share > 0.5)


def _wait_for_quiet() -> None:
    """Let others finish, within reason: a busy machine says nothing about a server."""
    for _ in range(int(_PATIENCE / 0.25)):
        before = busy()
        time.sleep(0.25)
        if (busy() - before) / (0.25 * cores()) < 2 * _QUIET:
            return


def once(server: Server, load: Callable[[], Load], connections: int, seconds: float) -> Sample:
    """Return one round as it comes."""
    drive(server.url, load(), connections, 1)  # warm
    before = server.cpu(), own(), busy(), time.monotonic()
    answers = drive(server.url, load(), connections, seconds)
    after = server.cpu(), own(), busy(), time.monotonic()
    used, driven, worked, passed = (b - a for a, b in zip(before, after, strict=True))
    return Sample(
        rate=answers.requests / answers.microseconds * 1e6,
        cpu=used / answers.requests * 1e6,
        p50=answers.p50 / 1000,
        p99=answers.p99 / 1000,
        foreign=max(worked - used - driven, 0) / (passed * cores()),
    )
