"""What stands where on a screen that is read across the room: pure. CPython only.

Every function gives one string for each line of the terminal, as wide as the terminal.
"""

from collections.abc import Iterator
from itertools import product, zip_longest
from textwrap import wrap
from typing import NamedTuple

from . import big_letters
from .look import Look, Row, columns

GUTTER = 4
NARROWEST = 24  # columns of words beside a symbol
LARGEST = 6  # dots of a letter or of a QR module: as large as a wall
QUIET_ZONES = (4, 2)  # what the standard asks for, and what phones are content with

TITLE = "Sign in on your phone or computer"


class Told(NamedTuple):
    """What the person needs: the address, the code, and the address as a QR symbol."""

    address: str
    code: str
    symbol: list[int]


class Choice(NamedTuple):
    """How to share out the room.

    wordy       2: everything in words, 1: not the code under itself, 0: address and code alone
    module      columns of a QR module, 0 for no symbol
    quiet_zone  modules around it
    letters     columns of a dot of a big letter, 0 for letters of the terminal's own
    beside      the words to the right of the symbol, not under it
    whole       the code on one line
    """

    wordy: int
    module: int
    quiet_zone: int
    letters: int
    beside: bool
    whole: bool


class Screen:
    """The room of one terminal, with a margin of 5 % as televisions cut off the edge."""

    def __init__(self, size: tuple[int, int], look: Look) -> None:
        self.look = look
        self._columns, self._lines = size
        self._left, self._top = self._columns // 20, self._lines // 20
        self.width = max(1, self._columns - 2 * self._left)
        self.height = max(1, self._lines - 2 * self._top)

    def arranged(self, told: Told) -> list[Row]:
        """Code and address, as large as they can be."""
        for choice in self._choices(told):
            room = self.height - 1 - bool(choice.wordy)
            # A symbol is square, and a line as high as two columns are wide.
            if self._side(told, choice) > min(self.width, 2 * room):
                continue
            rows = self._body(told, choice)
            if len(rows) <= room and max(row.width for row in rows) <= self.width:
                break
        return rows[-room:] if room else []  # the code is last

    def digits(self, what: str, digits: str) -> list[Row]:
        """What is to be done about some digits, and those as large as they can be."""
        words = [*(self.look.row(line, bold=True) for line in wrap(what, self.width)), Row("", 0)]
        room = self.height - 1 - len(words)
        for scale in self._sizes(big_letters.width(digits)):
            rows = self.look.letters(digits, scale)
            if len(rows) <= room:
                return words + rows
        return [*words, self.look.row(" ".join(digits), bold=True)][-max(1, self.height - 1) :]

    def waiting(self, rows: list[Row], status: Row) -> list[str]:
        """What was `arranged` in the middle, and the status at the bottom."""
        above = (self.height - 1 - len(rows)) // 2
        return self._placed([*[Row("", 0)] * above, *rows], status)

    def message(self, mark: str, sentence: str) -> list[str]:
        """One sentence under a large mark, if one is named."""
        words = [self.look.row(line, bold=True) for line in wrap(sentence, self.width)]
        drawn = self._mark(mark, self.height - len(words) - 2) if mark else []
        rows = [*drawn, Row("", 0), *words] if drawn else words
        wide = max(row.width for row in rows)
        indents = [(wide - row.width) // 2 for row in rows]
        rows = [
            Row(" " * indent + row.text, indent + row.width)
            for indent, row in zip(indents, rows, strict=True)
        ]
        above = max(0, (self.height - len(rows)) // 2)
        return self._placed([*[Row("", 0)] * above, *rows])

    def _mark(self, mark: str, room: int) -> list[Row]:
        for scale in range(LARGEST, 0, -1):
            rows = self.look.mark(mark, scale)
            if len(rows) <= room // 2 and rows[0].width <= self.width:
                return rows
        return []

    def _choices(self, told: Told) -> Iterator[Choice]:
        """From what serves best to what fits anywhere.

        A symbol and big letters, or one of the two, or neither; then words that say what to do.
        The symbol is as large as that leaves room for, the letters take what then is left.
        """
        modules = self._sizes(len(told.symbol) + 2 * QUIET_ZONES[-1]) if told.symbol else []
        letters = []
        if big_letters.can_draw(told.code):
            letters = self._sizes(max(map(big_letters.width, big_letters.parts(told.code))))
        flags = (True, False)
        for symbols, sizes in product((modules, [0]), (letters, [0])):
            for choice in product((2, 1, 0), symbols, QUIET_ZONES, sizes, flags, flags):
                yield Choice(*choice)

    def _sizes(self, dots: int) -> list[int]:
        """From the largest dot of which so many go into the width."""
        return list(range(min(LARGEST, self.width // dots), 0, -1))

    def _side(self, told: Told, choice: Choice) -> int:
        """The columns of the symbol."""
        across = choice.module * (1 if self.look.blocks else 2)
        return (len(told.symbol) + 2 * choice.quiet_zone) * across

    def _body(self, told: Told, choice: Choice) -> list[Row]:
        if not choice.module:
            return list(self._words(told, choice, self.width))
        symbol = self.look.card(told.symbol, choice.module, choice.quiet_zone)
        if choice.beside:
            room = max(NARROWEST, self.width - symbol[0].width - GUTTER)
            return _beside(symbol, list(self._words(told, choice, room)))
        blank = [Row("", 0)] * bool(choice.wordy)
        return [*symbol, *blank, *self._words(told, choice, self.width)]

    def _words(self, told: Told, choice: Choice, width: int) -> Iterator[Row]:
        row = self.look.row
        if choice.wordy:
            for line in wrap(TITLE, width):
                yield row(line, bold=True)
            yield row("")
            yield row("Scan the QR code, or open" if choice.module else "Open")
        for line in _pieces(told.address, width):
            yield row(line, "accent", bold=True)
        if choice.wordy:
            yield from (row(""), row("Enter the code"), row(""))
        if choice.letters:
            yield from self._letters(told.code, choice)
        else:
            spaced = " ".join(told.code)
            for line in _pieces(spaced if len(spaced) <= width else told.code, width):
                yield row(line, bold=True)
        if choice.wordy > 1 and choice.letters:
            yield from (row(""), row(told.code, "quiet"))

    def _letters(self, code: str, choice: Choice) -> Iterator[Row]:
        for number, part in enumerate([code] if choice.whole else big_letters.parts(code)):
            if number:
                yield Row("", 0)
            yield from self.look.letters(part, choice.letters)

    def _placed(self, rows: list[Row], last: Row = Row("", 0)) -> list[str]:  # noqa: B008
        # In the middle as a whole, so that what begins under one another stays so.
        wide = max((row.width for row in rows), default=0)
        left = self._left + max(0, (self.width - wide) // 2)
        lines = [self._line(row, left) for row in rows[: self.height]]
        lines += [self._line(Row("", 0), 0)] * (self.height - len(lines))
        if last.width:
            lines[-1] = self._line(last, self._left)
        edge = [self._line(Row("", 0), 0)] * self._top
        return [*edge, *lines, *edge]

    def _line(self, row: Row, left: int) -> str:
        right = " " * max(0, self._columns - left - row.width)
        return self.look.base + " " * left + row.text + right


def _beside(symbol: list[Row], words: list[Row]) -> list[Row]:
    """The words to the right of the symbol, the lower of the two in the middle of the other."""
    high = max(len(symbol), len(words))
    columns = [[*[Row("", 0)] * ((high - len(rows)) // 2), *rows] for rows in (symbol, words)]
    side = symbol[0].width + GUTTER
    return [
        Row(left.text + " " * (side - left.width) + right.text, side + right.width)
        for left, right in zip_longest(*columns, fillvalue=Row("", 0))
    ]


def _pieces(text: str, width: int) -> Iterator[str]:
    """`text` in pieces of at most `width` columns, as it has no place to break."""
    piece = ""
    for letter in text:
        if piece and columns(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece
