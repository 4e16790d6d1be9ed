"""`make bench-device`: what the client takes on a 32-bit board, held to its gates."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import programs
from tests.benchmarks.device.board import Board
from tests.benchmarks.device.budgets import HEAPS, SIZES, TIMES, Budget
from tests.benchmarks.report import table


def main() -> int:
    """Measure, print, judge. 1: a gate is not met; 2: it cannot be measured here."""
    try:
        micropython = programs.micropython()
    except (pytest.skip.Exception, pytest.fail.Exception) as reason:
        print(reason, file=sys.stderr)
        return 2
    rows = []
    met = True
    for budget in SIZES + HEAPS + TIMES:
        with TemporaryDirectory() as folder:
            figure = budget.measure(Board(micropython, Path(folder)))
        met = met and figure <= budget.gate
        rows.append(row(budget, figure))
    print(table(("", "ours", "gate", "aim", "others", ""), rows))
    return int(not met)


def row(budget: Budget, figure: float) -> list[str]:
    """Return the cells of one line; the last says whether the gate and the aim are met."""
    verdict = "FAIL" if figure > budget.gate else "gate" if figure > budget.aim else "aim"
    limits = [shown(limit) for limit in (figure, budget.gate, budget.aim)]
    return [f"{budget.name}, {budget.unit}", *limits, budget.others, verdict]


def shown(figure: float) -> str:
    """Return a figure as the table has it."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


if __name__ == "__main__":
    sys.exit(main())
