"""Letters of seven rows of dots: a code to be read across the room. CPython only."""

from . import cells

GAP = 2
DOTS = 5

# Seven rows of five dots each, as hexadecimal numbers; in rows that begin at the left with 16.
GLYPHS = {
    "-": "00 00 00 0E 00 00 00",
    "_": "00 00 00 00 00 00 1F",
    "0": "0E 11 13 15 19 11 0E",
    "1": "04 0C 04 04 04 04 0E",
    "2": "0E 11 01 02 04 08 1F",
    "3": "1F 02 04 02 01 11 0E",
    "4": "02 06 0A 12 1F 02 02",
    "5": "1F 10 1E 01 01 11 0E",
    "6": "06 08 10 1E 11 11 0E",
    "7": "1F 01 02 04 08 08 08",
    "8": "0E 11 11 0E 11 11 0E",
    "9": "0E 11 11 0F 01 02 0C",
    "A": "0E 11 11 1F 11 11 11",
    "B": "1E 11 11 1E 11 11 1E",
    "C": "0E 11 10 10 10 11 0E",
    "D": "1E 11 11 11 11 11 1E",
    "E": "1F 10 10 1E 10 10 1F",
    "F": "1F 10 10 1E 10 10 10",
    "G": "0E 11 10 17 11 11 0E",
    "H": "11 11 11 1F 11 11 11",
    "I": "0E 04 04 04 04 04 0E",
    "J": "01 01 01 01 01 11 0E",
    "K": "11 12 14 18 14 12 11",
    "L": "10 10 10 10 10 10 1F",
    "M": "11 1B 15 15 11 11 11",
    "N": "11 19 19 15 13 13 11",
    "O": "0E 11 11 11 11 11 0E",
    "P": "1E 11 11 1E 10 10 10",
    "Q": "0E 11 11 11 15 12 0D",
    "R": "1E 11 11 1E 14 12 11",
    "S": "0F 10 10 0E 01 01 1E",
    "T": "1F 04 04 04 04 04 04",
    "U": "11 11 11 11 11 11 0E",
    "V": "11 11 11 11 0A 0A 04",
    "W": "11 11 11 15 15 1B 11",
    "X": "11 11 0A 04 0A 11 11",
    "Y": "11 11 0A 04 04 04 04",
    "Z": "1F 01 02 04 08 10 1F",
}


def width(text: str, scale: int = 1) -> int:
    """The columns that `text` takes."""
    return (len(text) * (DOTS + GAP) - GAP) * scale


def parts(code: str) -> list[str]:
    """What of `code` may stand on lines of its own: each part ends with its dash."""
    return [part for part in code.replace("-", "-\n").split("\n") if part]


def can_draw(text: str) -> bool:
    """Whether every character of `text` has a glyph."""
    return all(character in GLYPHS for character in text)


def draw(text: str, scale: int = 1, blocks: bool = True) -> list[str]:
    """`text` as rows of half blocks, four at scale 1; without `blocks` of #, seven at scale 1."""
    rows = [0] * 7
    for character in text:
        for row, dots in enumerate(GLYPHS[character].split()):
            rows[row] = rows[row] << (DOTS + GAP) | int(dots, 16)
    lines = cells.enlarged(rows, width(text), scale, scale)
    return cells.half_blocks(lines) if blocks else cells.hashes(lines)
