"""What the client takes on a board stays within its budgets: tests/benchmarks/device has them."""

from pathlib import Path

import pytest

from tests.benchmarks.device.board import Board
from tests.benchmarks.device.budgets import HEAPS, SIZES, Budget


@pytest.fixture
def board(micropython: Path, tmp_path: Path) -> Board:
    """Return a board with nothing on it yet."""
    return Board(micropython, tmp_path)


@pytest.mark.parametrize("budget", SIZES + HEAPS, ids=lambda budget: budget.name)
def test_budget(board: Board, budget: Budget) -> None:
    """Each figure that is no time is within its gate. CL-16."""
    assert budget.measure(board) <= budget.gate
