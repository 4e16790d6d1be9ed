"""What must hold, as data. `make bench` fails when one does not."""

from collections.abc import Mapping
from typing import NamedTuple


class Gate(NamedTuple):
    """A bound on one figure, and why it is there."""

    name: str
    bound: float
    unit: str
    reason: str
    at_most: bool = True


GATES = (
    Gate(
        "polls/s to oidc-provider in memory",
        3.5,
        "times",
        "a good server of the same protocol, which keeps everything in its own memory",
        at_most=False,
    ),
    Gate(
        "poll, one connection, p99",
        0.5,
        "ms",
        "nobody waits for a poll, and a poll waits for nobody",
    ),
    Gate(
        "poll through Flask, CPU to Flask alone",
        1.6,
        "times",
        "the protocol costs less than the framework around it",
    ),
    Gate(
        "polls/s with 1,000,000 live codes to 1,000",
        0.8,
        "times",
        "what waits in the database slows nobody down",
        at_most=False,
    ),
    Gate(
        "memory per live code",
        100,
        "bytes",
        "a waiting code costs disk, not memory: what grows is caches of a fixed size",
    ),
    Gate(
        "client-credentials tokens/s to oidc-provider in memory",
        2.5,
        "times",
        "signing is most of a token, and little else is done",
        at_most=False,
    ),
    Gate(
        "introspections/s to oidc-provider in memory",
        1.5,
        "times",
        "an API that asks for each call waits for this one",
        at_most=False,
    ),
    Gate(
        "refreshes/s to oidc-provider in memory",
        0.7,
        "times",
        "on the disk before it is answered, beside a good server that writes nothing down",
        at_most=False,
    ),
    Gate(
        "device authorizations/s to oidc-provider in memory",
        0.8,
        "times",
        "kept across restarts, and about as fast as a good server that forgets at each",
        at_most=False,
    ),
    Gate(
        "approval to token, held poll, median",
        50,
        "ms",
        "the screen changes as the finger leaves the button",
    ),
    Gate(
        "approval to token, held poll, p99",
        250,
        "ms",
        "and does so for everybody",
    ),
    Gate(
        "polls held at once",
        5_000,
        "polls",
        "one process holds a town of devices and still answers everybody else",
        at_most=False,
    ),
    Gate(
        "requests of a sign-in of 60 s, held polls",
        4,
        "requests",
        "what a radio and a battery pay for",
    ),
)


def judge(figures: Mapping[str, float | None]) -> list[str]:
    """Return a line for each gate that was measured; those not met begin with FAIL.

    None is a figure that the machine was too busy for.
    """
    return [_line(gate, figures[gate.name]) for gate in GATES if gate.name in figures]


def _line(gate: Gate, figure: float | None) -> str:
    if figure is None:
        return f"SKIP {gate.name}: the machine was too busy to tell"
    met = figure <= gate.bound if gate.at_most else figure >= gate.bound
    relation = "at most" if gate.at_most else "at least"
    shown = f"{figure:,.0f}" if figure >= 1000 else f"{figure:.3g}"
    told = f"{gate.name}: {shown} {gate.unit}, {relation} {gate.bound:,g} ({gate.reason})"
    return f"{'PASS' if met else 'FAIL'} {told}"
