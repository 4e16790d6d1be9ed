"""Dots as characters of a terminal: half blocks, two dots to a cell, or a # each. CPython only."""

from collections.abc import Iterable
from itertools import zip_longest

HALF_BLOCKS = " ▀▄█"


def with_margin(rows: list[int], dots: int) -> list[int]:
    """A square of dots with so many empty ones on each side."""
    edge = [0] * dots
    return [*edge, *(row << dots for row in rows), *edge]


def enlarged(rows: Iterable[int], width: int, across: int = 1, down: int = 1) -> list[str]:
    """Rows of `width` bits, the leftmost dot the highest, as strings of 0 and 1.

    Each dot becomes `across` characters in `down` strings.
    """
    lines = ["".join(dot * across for dot in f"{row:0{width}b}") for row in rows]
    return [line for line in lines for _ in range(down)]


def half_blocks(lines: list[str]) -> list[str]:
    """A row of cells for two of dots; under an odd last one nothing is set."""
    below = zip_longest(lines[::2], lines[1::2], fillvalue="0" * len(lines[0]))
    return [
        "".join(
            HALF_BLOCKS[int(upper) + 2 * int(lower)] for upper, lower in zip(*pair, strict=True)
        )
        for pair in below
    ]


def hashes(lines: list[str]) -> list[str]:
    """A # for each dot, where half blocks cannot be written."""
    return [line.replace("0", " ").replace("1", "#") for line in lines]
