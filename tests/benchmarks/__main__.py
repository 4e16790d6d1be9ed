"""`make bench`: measures the server against its neighbours and holds it to its gates."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import node, report, wrk
from tests.benchmarks.gates import judge
from tests.benchmarks.processes import ROOT, pin_load
from tests.benchmarks.rounds import Piece, Plan


def main() -> int:
    """Measure, print, judge. 1: a gate is not met; 2: it cannot be measured here."""
    arguments = _arguments()
    if not wrk.is_there():
        print(wrk.HINT, file=sys.stderr)
        return 2
    pin_load()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers end with us, however we end
    try:
        print(report.environment(node.install()), flush=True)
    except node.NotThereError as reason:
        print(report.environment(f"not with oidc-provider: {reason}"), flush=True)
    figures: dict[str, float | None] = {}
    # On the disk that the project is on: a temporary directory may be in memory, where syncing
    # to disk costs nothing.
    with tempfile.TemporaryDirectory(dir=ROOT / ".venv") as directory:
        for piece in _measured(arguments.only, Path(directory), arguments):
            if isinstance(piece, str):
                print(f"\n{piece}", flush=True)
            else:
                figures |= piece
    verdicts = judge(figures)
    print("\n## Gates\n\n" + "\n".join(f"- {verdict}" for verdict in verdicts))
    return int(any(verdict.startswith("FAIL") for verdict in verdicts))


def _measured(only: list[str], directory: Path, arguments: argparse.Namespace) -> Iterator[Piece]:
    from tests.benchmarks import holders, polls, sign_ins, starts, tokens

    plan = Plan(arguments.rounds, arguments.seconds)
    for name, part in {
        "polls": polls.run,
        "starts": starts.run,
        "tokens": tokens.run,
        "signins": sign_ins.run,
        "holders": holders.run,
    }.items():
        if name in only:
            (directory / name).mkdir()
            yield from part(directory / name, plan)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds of each contender (%(default)s)"
    )
    parser.add_argument("--seconds", type=int, default=2, help="length of a round (%(default)s)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=_PARTS,
        default=_PARTS,
        help="measure only these",
    )
    return parser.parse_args()


_PARTS = ("polls", "starts", "tokens", "signins", "holders")

if __name__ == "__main__":
    sys.exit(main())
