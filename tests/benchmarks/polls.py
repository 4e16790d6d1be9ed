"""Plain polls, many at once and one at a time, and the memory that waiting codes take."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import node, report
from tests.benchmarks.arithmetic import Sample, middle, ratio
from tests.benchmarks.contenders import Contender, ours
from tests.benchmarks.gates import GATES
from tests.benchmarks.rounds import Piece, Plan, measure, mix

_FEW, _MANY = 1_000, 1_000_000
OURS = f"Pairlight, {_FEW:,} live codes"
FULL = f"Pairlight, {_MANY:,} live codes"
DOOR = "Pairlight through Flask's door"
FLASK = "Flask alone, reading the form"
BARE = "bare WSGI callable"
_LATENCY = "poll, one connection, p99"


def run(directory: Path, plan: Plan) -> Iterator[Piece]:
    """Yield pieces of the report, and figures for the gates."""
    with ExitStack() as stack:
        few = stack.enter_context(ours(directory / "few", OURS, _FEW))
        many = stack.enter_context(ours(directory / "many", FULL, _MANY))
        contenders = [few, many]
        try:
            contenders.append(stack.enter_context(node.oidc_provider(directory / "node", _FEW)))
        except node.NotThereError as reason:
            yield f"oidc-provider is left out: {reason}."
        for name, factory in ((DOOR, "flask_door"), (FLASK, "flask_alone"), (BARE, "bare")):
            other = ours(directory / factory, name, _FEW, factory)
            contenders.append(stack.enter_context(other))
        yield from _many_at_once(contenders, plan)
        yield from _memory(few, many)
        yield from _one_at_a_time(
            [each for each in contenders if each.name in {OURS, FLASK, BARE}], plan
        )


def _many_at_once(contenders: list[Contender], plan: Plan) -> Iterator[Piece]:
    answers = {each.name: mix(each, each.polls(), 32) for each in contenders}
    found = measure(contenders, Contender.polls, 32, plan)
    yield "## Pending polls, 32 connections"
    yield report.rows("32 connections", found)
    yield "Answers: " + "; ".join(f"{name}: {told}" for name, told in answers.items()) + "."
    yield report.disturbance(found.values())
    yield {
        "poll through Flask, CPU to Flask alone": ratio(found[DOOR], found[FLASK], "cpu"),
        "polls/s with 1,000,000 live codes to 1,000": ratio(found[FULL], found[OURS], "rate"),
    }
    if node.NAME in found:
        name = "polls/s to oidc-provider in memory"
        yield {name: ratio(found[OURS], found[node.NAME], "rate")}


def _memory(few: Contender, many: Contender) -> Iterator[Piece]:
    """Compare servers that have just answered the same number of polls."""
    small, large = few.server.memory(), many.server.memory()
    each = (large - small) / (_MANY - _FEW)
    yield "## Memory"
    body = [(name, f"{size / 1e6:.0f}") for name, size in ((few.name, small), (many.name, large))]
    yield report.table(("after the polls above", "resident MB"), body)
    yield {"memory per live code": each}


def _one_at_a_time(contenders: list[Contender], plan: Plan) -> Iterator[Piece]:
    found: dict[str, list[Sample]] = measure(contenders, Contender.polls, 1, plan)
    yield "## Pending polls, one connection"
    yield report.rows("1 connection", found)
    yield report.disturbance(found.values())
    # What even the bare callable does not reach is the machine's, not ours.
    bound = next(gate.bound for gate in GATES if gate.name == _LATENCY)
    told = middle(found[BARE]).p99 < bound
    yield {_LATENCY: middle(found[OURS]).p99 if told else None}
