"""What the client may take on a board, as data, and how each figure is measured.

`make bench-device` prints them all; tests/device_client/test_budgets.py holds those that are not
times.
"""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.device import peer
from tests.benchmarks.device.board import CLIENT, Board
from tests.benchmarks.device.sign_ins import serving

HERE = Path(__file__).parent
CORE = ("flow", "transport", "token_file")
SIGN_IN = (
    "__init__",
    "flow",
    "renewal",
    "transport",
    "token_file",
    "run",
    "qr_rows",
    "qr_bits",
    "qr",
)
PLENTY = 4 << 20
END_MS = 12000  # two polls, each 6 s after what was before; the renewal takes no time
ROUNDS = 9


class Budget(NamedTuple):
    """What a figure must not exceed, where we want it to be, and where the best others are."""

    name: str
    unit: str
    gate: float
    aim: float
    others: str
    measure: Callable[[Board], float]


def size(*modules: str) -> Callable[[Board], float]:
    """Return how to measure what modules of the client take as .mpy files."""
    return lambda board: sum(
        board.compile(CLIENT / f"{module}.py", f"device_client/{module}") for module in modules
    )


def symbol_heap(text: bytes) -> Callable[[Board], float]:
    """Return how to measure the smallest heap for import and encoding, mask search and all."""

    def measure(board: Board) -> float:
        board.compile(CLIENT / "qr.py", "qr")
        return board.smallest_heap(f"import qr\nqr.encode({text!r})")

    return measure


def sign_in_heap(draws: bool) -> Callable[[Board], float]:
    """Return how to measure the smallest heap for start, poll, tokens, saving and renewal."""

    def measure(board: Board) -> float:
        size(*SIGN_IN)(board)
        board.compile(HERE / "board_sign_in.py", "main")
        board.compile(HERE / "board_drawing.py", "drawing")
        display = "drawing" if draws else "main"
        with serving() as server:
            return board.smallest_heap(
                f"import main, {display}\nmain.run('{server}', {display})",
                f"SIGNED_IN {END_MS} {25 * draws}\n" * 2,
            )

    return measure


def time_ratio(given: bool) -> Callable[[Board], float]:
    """Return how to measure our time to theirs: the median of rounds that run side by side."""

    def measure(board: Board) -> float:
        size("qr")(board)
        board.compile(HERE / "board_race.py", "board_race")
        with TemporaryDirectory() as folder:
            peer.install(Path(folder))
            printed = board.run(
                f"import board_race\nboard_race.run({ROUNDS})",
                PLENTY,
                Path(folder),
                Path(".frozen"),
            )
        rounds = [[int(figure) for figure in line.split()] for line in (printed or "").splitlines()]
        return median(
            (mask_given if given else searched) / other for other, searched, mask_given in rounds
        )

    return measure


def on_boards(pattern: str) -> list[str]:
    """Return the names of the modules that boards get and whose path matches."""
    listed = json.loads((CLIENT / "package.json").read_text())["urls"]
    names = sorted(target for target, _ in listed)
    return [
        name.removeprefix("device_client/").removesuffix(".py")
        for name in names
        if Path(name).match(pattern) and not name.endswith("__init__.py")
    ]


SIZES = (
    Budget("QR encoder", "bytes", 3000, 2500, "miniQR 6,170, uQR 11,742", size("qr")),
    Budget(
        "core, transport, token file", "bytes", 3500, 2800, "Adafruit OAuth2 1,944", size(*CORE)
    ),
    *(
        Budget(module, "bytes", 1500, 1000, "", size(module))
        for pattern in ("device_client/show_*.py", "boards/screens/*.py")
        for module in on_boards(pattern)
    ),
)
# The longest texts of a version take the most.
HEAPS = (
    Budget(
        "heap for a symbol of version 3",
        "KB",
        7,
        6,
        "miniQR 17.8, uQR 42.7",
        symbol_heap(b"a" * 53),
    ),
    Budget(
        "heap for a symbol of version 4",
        "KB",
        12,
        9,
        "miniQR 18.3, uQR 46.0",
        symbol_heap(b"a" * 78),
    ),
    Budget("heap for a whole sign-in", "KB", 18, 14, "", sign_in_heap(True)),
    # Code takes 8.3 KB of it, an answer with a token of 512 bytes 1.7 KB while it is parsed.
    Budget("the same without a symbol", "KB", 12, 10, "", sign_in_heap(False)),
)
TIMES = (
    Budget(
        "time for a symbol, mask searched",
        "times",
        0.25,
        0.18,
        "qrcode, as uQR: 1",
        time_ratio(False),
    ),
    Budget(
        "time for a symbol, mask given", "times", 0.08, 0.05, "qrcode, as uQR: 1", time_ratio(True)
    ),
)
