"""What a terminal can show, and how a sign-in screen looks in it. CPython only."""

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple, TextIO

from . import big_letters, cells

# Numbers of the fixed palette: a theme may turn "black" and "white" into anything.
BASE = "\x1b[0;38;5;255;48;5;233m"
BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"
BLACK = "\x1b[38;5;16;48;5;16m"
COLORS = {
    "accent": "\x1b[38;5;116m",
    "good": "\x1b[38;5;114m",
    "bad": "\x1b[38;5;210m",
    "late": "\x1b[38;5;222m",
    "quiet": "\x1b[38;5;246m",
}
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
# A tick and a cross: their width, and their rows of dots.
MARKS = {
    "good": (9, (0x003, 0x006, 0x00C, 0x198, 0x0F0, 0x060)),
    "bad": (7, (0x63, 0x36, 0x1C, 0x1C, 0x36, 0x63)),
}
REVERSED = "\x1b[7m"
INVERTED = str.maketrans(cells.HALF_BLOCKS, "█▄▀ ")


class Row(NamedTuple):
    """What is written, and how many columns that takes."""

    text: str
    width: int


class Look(NamedTuple):
    """Whether half blocks can be written, and colours are wanted."""

    blocks: bool = True
    color: bool = True

    @property
    def base(self) -> str:
        """What stands in front of every row, and behind everything that is set off."""
        return BASE if self.color else PLAIN

    def row(self, text: str, color: str = "", bold: bool = False) -> Row:
        """A row of words, in one of COLORS."""
        plain = DIM * (color == "quiet")
        style = BOLD * bold + (COLORS.get(color, "") if self.color else plain)
        return Row(style + text + self.base if style else text, columns(text))

    def letters(self, text: str, scale: int) -> list[Row]:
        """`text` in big letters, whose dots are `scale` columns wide."""
        return [self.row(row, bold=True) for row in big_letters.draw(text, scale, self.blocks)]

    def mark(self, name: str, scale: int) -> list[Row]:
        """One of MARKS in its colour."""
        width, dots = MARKS[name]
        return [self.row(row, name) for row in self._square(dots, width, scale)]

    def card(self, symbol: list[int], scale: int, quiet_zone: int) -> list[Row]:
        """A QR symbol with so many light modules around, dark on light in any theme."""
        rows = cells.with_margin(symbol, quiet_zone)
        drawn = self._square(rows, len(rows), scale)
        return [Row(self._on_card(row) + self.base, len(row)) for row in drawn]

    def _square(self, rows: Iterable[int], width: int, scale: int) -> list[str]:
        """Dots as high as wide, where a character is twice as high."""
        if self.blocks:
            return cells.half_blocks(cells.enlarged(rows, width, scale, scale))
        return cells.hashes(cells.enlarged(rows, width, 2 * scale, scale))

    def _on_card(self, row: str) -> str:
        if self.blocks:
            # Without colours the light modules are the blocks, right on a dark terminal.
            return BLACK_ON_WHITE + row if self.color else row.translate(INVERTED)
        # A letter has gaps that a camera sees, so the cell's ground is what is dark or light.
        if self.color:
            return BLACK_ON_WHITE + re.sub("#+", rf"{BLACK}\g<0>{BLACK_ON_WHITE}", row)
        return re.sub(" +", rf"{REVERSED}\g<0>{PLAIN}", row).replace("#", " ")


def look_of(stream: TextIO, color: bool) -> Look:
    """The look that the encoding of `stream` allows."""
    try:
        "█▀▄━✓…".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return Look(blocks=False, color=color)
    return Look(color=color)


def writable(text: str, stream: TextIO) -> str:
    """`text` with a ? for every letter that `stream` cannot write."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def write_line(line: str, stream: TextIO) -> None:
    """Write a line at once, whatever letters are in it."""
    print(writable(line, stream), file=stream, flush=True)


def terminal_size(stream: TextIO) -> tuple[int, int]:
    """Columns and lines, as they are now; a guess when `stream` does not know."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        return shutil.get_terminal_size()
    return size if all(size) else shutil.get_terminal_size()  # a serial line says 0 by 0


def columns(text: str) -> int:
    """The columns that `text` takes: two for a wide letter, none for an accent of its own."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )
