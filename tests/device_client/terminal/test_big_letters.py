"""Letters of half blocks."""

import pytest

from device_client.terminal import big_letters


def test_draw() -> None:
    """A letter is five wide and four high, two apart."""
    assert big_letters.draw("WD-") == [
        "█   █  █▀▀▀▄       ",
        "█ ▄ █  █   █   ▄▄▄ ",
        "█▄▀▄█  █   █       ",
        "▀   ▀  ▀▀▀▀        ",
    ]


@pytest.mark.parametrize("text", ["A", "WDJB-", "0123456789"])
def test_width(text: str) -> None:
    """The width is known before drawing."""
    assert {len(row) for row in big_letters.draw(text)} == {big_letters.width(text)}


@pytest.mark.parametrize(
    ("text", "can"), [("BCDFGHJKLMNPQRSTVWXZ", True), ("0123456789-", True), ("a", False)]
)
def test_can_draw(text: str, can: bool) -> None:
    """Every letter that servers use can be drawn; for others there is the spaced code. CL-08."""
    assert big_letters.can_draw(text) is can


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("WDJB-MJHT", ["WDJB-", "MJHT"]),
        ("WDJB-", ["WDJB-"]),
        ("-WDJB--M", ["-", "WDJB-", "-", "M"]),
    ],
)
def test_parts(code: str, parts: list[str]) -> None:
    """Wherever a server puts its dashes, no part is empty. CL-08."""
    assert big_letters.parts(code) == parts


def test_no_two_alike() -> None:
    """Every glyph is its own."""
    assert len(set(big_letters.GLYPHS.values())) == len(big_letters.GLYPHS)
