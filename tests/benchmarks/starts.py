"""Device authorizations: ours, written to disk, and oidc-provider's, in memory."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import node, report
from tests.benchmarks.arithmetic import ratio
from tests.benchmarks.contenders import Contender, ours
from tests.benchmarks.rounds import Piece, Plan, measure, mix
from tests.benchmarks.wrk import Load

OURS = "Pairlight, on disk"


def run(directory: Path, plan: Plan) -> Iterator[Piece]:
    """Yield pieces of the report, and figures for the gates."""
    with ExitStack() as stack:
        contenders = [stack.enter_context(ours(directory / "ours", OURS))]
        try:
            contenders.append(stack.enter_context(node.oidc_provider(directory / "node", 1)))
        except node.NotThereError as reason:
            yield f"oidc-provider is left out: {reason}."
        for connections in (32, 1):
            answers = {each.name: mix(each, each.start, connections) for each in contenders}
            found = measure(contenders, _start, connections, plan)
            yield f"## Device authorizations, {connections} connection{'s'[: connections - 1]}"
            yield report.rows(f"{connections} at once", found)
            yield "Answers: " + "; ".join(f"{name}: {told}" for name, told in answers.items()) + "."
            yield report.disturbance(found.values())
            if connections > 1 and node.NAME in found:
                name = "device authorizations/s to oidc-provider in memory"
                yield {name: ratio(found[OURS], found[node.NAME], "rate")}


def _start(contender: Contender) -> Load:
    return contender.start
