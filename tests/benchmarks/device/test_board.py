"""The measuring itself: figures that are known, and budgets that are not met."""

from pathlib import Path

import pytest

from tests.benchmarks.device.__main__ import row
from tests.benchmarks.device.board import Board
from tests.benchmarks.device.budgets import Budget, on_boards


@pytest.fixture
def board(micropython: Path, tmp_path: Path) -> Board:
    """Return a board with nothing on it yet."""
    return Board(micropython, tmp_path)


def test_smallest_heap(board: Board) -> None:
    """Twenty kilobytes at once need twenty, and a little for the rest."""
    assert 20 < board.smallest_heap("print(len(bytearray(20 * 1024)))", "20480\n") < 23


def test_what_works_with_no_heap(board: Board) -> None:
    """Code that does not do what is expected has no smallest heap."""
    with pytest.raises(RuntimeError, match="does not work"):
        board.smallest_heap("print(1)", "2\n")


def test_other_errors(board: Board) -> None:
    """Only a lack of memory counts as too small a heap."""
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        board.smallest_heap("1 / 0")


def test_nothing_else_is_there(board: Board) -> None:
    """The board does not see the sources."""
    with pytest.raises(RuntimeError, match="ImportError"):
        board.run("import device_client", 65536)


@pytest.mark.parametrize(
    ("figure", "verdict"), [(5, "aim"), (5.1, "gate"), (7, "gate"), (7.01, "FAIL")]
)
def test_verdict(figure: float, verdict: str) -> None:
    """A gate is met up to its bound."""
    budget = Budget("x", "KB", gate=7, aim=5, others="", measure=lambda _: figure)
    assert row(budget, figure)[-1] == verdict


def test_modules_on_boards() -> None:
    """What is only for laptops has no budget."""
    assert "show_text" in on_boards("device_client/show_*.py")
    assert "show_terminal" not in on_boards("device_client/show_*.py")
