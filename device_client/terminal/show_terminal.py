"""The sign-in screen of a terminal: QR code, address, code in big letters, and the time left.

CPython only. Drawn once; after that only the last line changes, so that the terminal may be resized
or scrolled at will.
"""

import os
from collections.abc import Mapping
from itertools import zip_longest
from typing import TextIO

from device_client.flow import PENDING, SIGNED_IN, DeviceFlow
from device_client.qr_rows import qr_rows
from device_client.show_text import TextDisplay, outcome, printable

from . import big_letters, cells
from .keyboard import WithKeyboard
from .look import terminal_size, writable, write_line
from .terminal_mode import TerminalMode
from .waiting import Lifetime, digits, going_on

MARGIN = "  "
GUTTER = "   "
NARROWEST_WORDS = 30
BAR = 24
QUIET_ZONE = 4
LARGEST_SYMBOL = 53  # modules a side: version 9
FRAME = 3  # a line above, a line below, and the time left

SCAN, OPEN = "Scan the QR code, or open", "Open"

HIDE_CURSOR, SHOW_CURSOR, CLEAR_LINE = "\x1b[?25l", "\x1b[?25h", "\r\x1b[2K"
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
GREEN, RED, CYAN = "\x1b[32m", "\x1b[31m", "\x1b[36m"
# Numbers of the fixed palette: a theme may turn "black" and "white" into anything.
BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"
INVERTED = str.maketrans(cells.HALF_BLOCKS, "█▄▀ ")


def open_display(
    stream: TextIO, environ: Mapping[str, str] = os.environ, keys: TextIO | None = None
) -> WithKeyboard:
    """The screen when `stream` is a terminal that can draw it, else plain lines.

    What is typed comes from `keys`, by default from that terminal.
    """
    try:
        "█▀▄━✓".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        able = False
    else:
        able = stream.isatty() and environ.get("TERM") != "dumb"
    display: TerminalDisplay | TextDisplay
    if able:
        display = TerminalDisplay(stream, terminal_size(stream), bool(environ.get("NO_COLOR")))
    else:
        display = TextDisplay(lambda line: write_line(line, stream))
    return WithKeyboard(display, keys or (stream if stream.isatty() else None))


class TerminalDisplay:
    """Draws on `stream`, in `size` = (columns, lines); without colours when so asked."""

    def __init__(self, stream: TextIO, size: tuple[int, int], no_color: bool = False) -> None:
        self._stream = stream
        self._columns, self._lines = size
        self._no_color = no_color
        self._mode = TerminalMode(stream, HIDE_CURSOR, SHOW_CURSOR, self._forget)
        self._lifetime = Lifetime()
        self._status = ""

    def show(self, flow: DeviceFlow) -> None:
        """Draw what is new since the last call."""
        self._mode.enter()
        if flow.state != PENDING:
            self._show_status("Connecting …")
            return
        if not self._lifetime.ms:
            self._write(CLEAR_LINE + "\n".join(self._screen(flow)) + "\n\n")
        self._lifetime.follow(flow)
        self._show_status(self._waiting(flow))

    def finish(self, flow: DeviceFlow, name: str = "") -> None:
        """Say how it ended, where the time left was."""
        mark = self._color(GREEN, "✓") if flow.state == SIGNED_IN else self._color(RED, "✗")
        self._show_status(mark + " " + BOLD + outcome(flow, name) + PLAIN)
        self.close()

    def close(self) -> None:
        """Give the cursor back, on a line of its own."""
        if self._status:
            self._write("\n")
        self._status = ""
        self._lifetime = Lifetime()  # whatever comes next is another sign-in
        self._mode.leave()

    def _screen(self, flow: DeviceFlow) -> list[str]:
        qr = qr_cells(flow)
        rows = qr and (self._side_by_side(flow, qr) or self._stacked(flow, qr))
        return ["", *(MARGIN + row for row in rows or self._words_alone(flow))]

    def _side_by_side(self, flow: DeviceFlow, qr: list[str]) -> list[str]:
        width = self._columns - len(MARGIN) - len(qr[0]) - len(GUTTER) - 1
        words = self._words(flow, SCAN, max(1, width), min(len(qr) + 1, self._lines - FRAME))
        if width < NARROWEST_WORDS or max(len(qr), len(words)) + FRAME > self._lines:
            return []
        words = [""] * ((len(qr) - len(words)) // 2) + words
        blank = " " * len(qr[0])
        return [
            self._paint(module or blank) + GUTTER + word
            for module, word in zip_longest(qr, words, fillvalue="")
        ]

    def _stacked(self, flow: DeviceFlow, qr: list[str]) -> list[str]:
        room = self._lines - FRAME - len(qr) - 1
        words = self._words(flow, SCAN, self._columns - len(MARGIN) - 1, room)
        if len(words) > room or len(MARGIN + qr[0]) >= self._columns:
            return []
        return [*(self._paint(row) for row in qr), "", *words]

    def _words_alone(self, flow: DeviceFlow) -> list[str]:
        return self._words(flow, OPEN, self._columns - len(MARGIN) - 1, self._lines - FRAME)

    def _words(self, flow: DeviceFlow, how: str, width: int, height: int) -> list[str]:
        address = printable(flow.verification_uri)
        code = printable(flow.user_code)
        words = [
            BOLD + "Sign in on your phone or computer" + PLAIN,
            "",
            how,
            *(self._color(CYAN, address[at : at + width]) for at in range(0, len(address), width)),
            "",
            "Your code",
            "",
        ]
        big = big_code(code, width)
        return words + (big if len(words) + len(big) <= height else [spaced_code(code, width)])

    def _waiting(self, flow: DeviceFlow) -> str:
        left_ms = max(0, flow.left_ms)
        seconds = (left_ms + 999) // 1000
        clock = f"{seconds // 60}:{seconds % 60:02}"
        what = going_on(flow)
        number = " ".join(digits(flow)) + GUTTER * bool(digits(flow))
        # A line that wraps could not be rewritten in place.
        room = self._columns - len(MARGIN + what + GUTTER + number + GUTTER + clock) - 1
        if room < 1:
            return f"{number}{what} {clock}"[: self._columns - len(MARGIN) - 1]
        width = min(BAR, room)
        filled = width * left_ms // self._lifetime.ms
        bar = "━" * filled + DIM + "─" * (width - filled) + PLAIN
        words = BOLD + what + GUTTER + number + PLAIN if number else what + GUTTER
        return words + bar + GUTTER + clock

    def _show_status(self, status: str) -> None:
        if status != self._status:
            self._status = status
            self._write(CLEAR_LINE + MARGIN + status)

    def _forget(self) -> None:
        # A shell has used the line meanwhile.
        self._status = ""

    def _paint(self, row: str) -> str:
        # Without colours the light modules are the blocks, which is right on a dark terminal.
        return row.translate(INVERTED) if self._no_color else BLACK_ON_WHITE + row + PLAIN

    def _color(self, color: str, text: str) -> str:
        return text if self._no_color else color + text + PLAIN

    def _write(self, text: str) -> None:
        self._stream.write(writable(text, self._stream))
        self._stream.flush()


def qr_cells(flow: DeviceFlow) -> list[str]:
    """The QR code of half blocks, dark modules drawn, quiet zone of four around; maybe empty."""
    symbol = qr_rows(flow, LARGEST_SYMBOL)
    if not symbol:
        return []
    rows = cells.with_margin(symbol, QUIET_ZONE)
    return cells.half_blocks(cells.enlarged(rows, len(rows)))


def big_code(code: str, width: int) -> list[str]:
    """`code` in big letters, a row for each part up to a dash, and once as it is, for copying.

    One spaced line when a letter cannot be drawn or a part is too wide.
    """
    parts = big_letters.parts(code)
    if any(big_letters.width(part) > width or not big_letters.can_draw(part) for part in parts):
        return [spaced_code(code, width)]
    rows = [row for part in parts for row in [*big_letters.draw(part), ""]]
    return [*rows, DIM + code + PLAIN]


def spaced_code(code: str, width: int) -> str:
    """`code` on one line with room between the letters, if there is room."""
    spaced = " ".join(code)
    return BOLD + (spaced if len(spaced) <= width else code) + PLAIN
