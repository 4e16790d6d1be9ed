"""A board with the compiled client, and with a program that uses it."""

from pathlib import Path

from tests.benchmarks.device.board import CLIENT, Board

MODULES = (
    "__init__", "flow", "renewal", "transport", "token_file", "run", "session", "show_text",
    "trust",
)  # fmt: skip
SIGNED_IN = ["Signed in.", "200 True"]  # what it prints at the end of each life


def small_board(micropython: Path, folder: Path) -> Board:
    """Return such a board."""
    board = Board(micropython, folder)
    for module in MODULES:
        board.compile(CLIENT / f"{module}.py", f"device_client/{module}")
    board.compile(Path(__file__).parent / "board_life.py", "board_life")
    return board
