"""Dots as characters."""

from device_client.terminal import cells

ARROW = [0b100, 0b111, 0b100]


def test_half_blocks() -> None:
    """Two rows of dots make one of cells; an odd last one has nothing below."""
    assert cells.half_blocks(cells.enlarged(ARROW, 3)) == ["█▄▄", "▀  "]


def test_hashes() -> None:
    """Where blocks cannot be written, a dot is a #."""
    assert cells.hashes(cells.enlarged(ARROW, 3)) == ["#  ", "###", "#  "]


def test_enlarged() -> None:
    """A dot becomes so many characters across and down, and leading empty ones stay."""
    assert cells.enlarged([0b01], 2, across=2, down=3) == ["0011"] * 3


def test_with_margin() -> None:
    """The margin is empty, and on every side."""
    square = cells.with_margin([0b11, 0b11], 1)
    assert cells.enlarged(square, 4) == ["0000", "0110", "0110", "0000"]
