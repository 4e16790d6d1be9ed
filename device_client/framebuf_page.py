"""A page of a small display, drawn by rectangles alone: a symbol, a heading, words, a last line.

The symbol stands dark on a lit field, the words beside it, or below it on a square or upright
display. Where they do not fit there, they get the whole page and the symbol is left out.

The letters are framebuf's, 8 by 8, in whole multiples and without the blank columns at their sides.
What is not ASCII shows as a chequered cell. MicroPython only.
"""

from framebuf import MONO_HLSB, FrameBuffer

LINE = 9  # rows from one line of letters to the next

_cell = bytearray(8)
_font = FrameBuffer(_cell, 8, 8, MONO_HLSB)


class Page:
    """`width` by `height` pixels that `fill_rect` makes `lit` or `dark`.

    On `paper` the words are dark on lit ground. `field` is the side of the square that a symbol may
    have; `crowded` says that one had to be left out.
    """

    def __init__(  # type: ignore[no-untyped-def]
        self, fill_rect, width: int, height: int, lit: int, dark: int, paper: bool
    ) -> None:
        self._fill_rect = fill_rect
        self._size = width, height
        self.crowded = False
        self._lit = lit
        self._dark = dark
        self._ground, self._ink = (lit, dark) if paper else (dark, lit)
        self.field = min(width, height, max(width, height) * 11 // 20)

    def draw(self, heading: str, words: str, last: str, rows) -> None:  # type: ignore[no-untyped-def]
        """Draw it all; `rows` are the symbol's, one integer each, as many as there are columns."""
        width, height = right, bottom = self._size
        count = len(rows)
        x = y = 0
        if count and width > height:
            # At least one light module at the sides, and room for nine letters.
            right = min(self.field, width - (144 if width > 200 else 72))
            right = x = max(2 * count + 4, right)
        elif count:
            bottom = y = self.field
        width -= x + 2
        x += 1
        height -= y
        gaps = 3 + bool(last)
        # A dot is `dx` by `dy` pixels, in words `unit`. The font's upright strokes are two dots
        # wide and the others one, so a heading twice as high as wide looks even.
        for unit in (2, 1):
            dx = min(4, (width - 2) // text_width(heading)) or 1
            headings = wrap(heading, width // dx)
            lines = wrap(words, width * 63 // 64 // unit)
            room = height - unit * (LINE * len(lines) - 2 + 8 * (gaps - 3))
            high = LINE * len(headings) - 2
            dy = min(2 * dx, height // 24, (room - gaps * unit * (unit + 1)) // high)
            if dy > unit <= dx:
                break
        if count and dy < 2:
            self.crowded = True
            self.draw(heading, words, last, ())
            return
        dy = max(1, dy)
        dx = min(dx, dy)
        self._fill_rect(0, 0, *self._size, self._ground)
        if count:
            self._fill_rect(0, 0, right, bottom, self._lit)
            scale = max(2, min(self.field // (count + 8), right // (count + 2)))
            side = scale * count
            self._bits(rows, (right + side) // 2, (bottom - side) // 2, scale, scale, self._dark)
        gap = max(2, (room - dy * high) // gaps)
        place = x, y + gap, width, dx, dy
        y = self._lines(headings, *place)
        y = self._lines(lines, x, y + gap, width, unit, unit)
        self._places = place, (x, y + gap, width, unit, unit)
        self.replace(-1, last)

    def replace(self, at: int, text: str) -> None:
        """Change the heading, when it has one line (`at` 0), or the last line (`at` -1)."""
        self._lines([text], *self._places[at])

    def _lines(self, lines: list[str], x: int, y: int, width: int, dx: int, dy: int) -> int:
        for line in lines:
            if y + 8 * dy > self._size[1]:
                break
            self._fill_rect(x, y, width, 8 * dy, self._ground)
            right = x + (width - dx * text_width(line)) // 2
            for character in line:
                columns, blank = _measure(character)
                right += dx * columns
                self._bits(_cell, right + dx * blank, y, dx, dy, self._ink)
                right += dx
            y += LINE * dy
        return y - 2 * dy

    def _bits(self, rows, right: int, y: int, dx: int, dy: int, colour: int) -> None:  # type: ignore[no-untyped-def]
        # The ones of each row in runs, from the lowest bit, which ends at `right`.
        for row in rows:
            x = right
            bits = row
            while bits:
                run = 0
                while bits & 1:
                    bits >>= 1
                    run += dx
                if run:
                    x -= run
                    self._fill_rect(x, y, run, dy, colour)
                bits >>= 1
                x -= dx
            y += dy


def text_width(text: str) -> int:
    """The columns that `text` takes."""
    width = -1
    for character in text:
        width += _measure(character)[0] + 1
    return width


def wrap(text: str, room: int) -> list[str]:
    """`text` in lines of at most `room` columns, broken after a space or a sign if there is one."""
    lines = []
    line = ""
    width = -1
    for character in text:
        width += _measure(character)[0] + 1
        if width > room and character != " ":
            cut = 1 + max(map(line.rfind, " -._/")) or len(line)
            lines.append(line[:cut].strip())
            line = line[cut:]
            width = text_width(line + character)
        line += character
    lines.append(line)
    return lines


def _measure(character: str) -> tuple[int, int]:
    # Draws the letter into the cell: its columns, and the blank ones at its right.
    _font.fill(0)
    _font.text(character, 0, 0)
    lit = 0
    for row in _cell:
        lit |= row
    bits = bin(lit)
    solid = bits.rstrip("0")  # of an empty cell 0b remains
    return len(solid) - 2 or 3, len(bits) - len(solid)
