"""Reads a display as people do: words in framebuf's letters, and the symbol with a camera."""

from functools import cache

import zxingcpp
from PIL import Image

from tests.device_client.screens.pictures import on_board

SIZES = [(1, 1), (2, 2), *((dx, dy) for dx in range(1, 5) for dy in range(dx, 2 * dx + 1))]

_PRINT_FONT = """
import framebuf
cell = bytearray(8)
font = framebuf.FrameBuffer(cell, 8, 8, framebuf.MONO_HLSB)
for code in range(33, 127):
    font.fill(0)
    font.text(chr(code), 0, 0)
    print(cell.hex())
"""


def scanned(screen: Image.Image) -> list[str]:
    """Return what a camera reads off the display: large pixels, and a dark room around."""
    size = screen.width * 6, screen.height * 6
    picture = Image.new("L", (size[0] + 200, size[1] + 200), 40)
    picture.paste(screen.resize(size, Image.Resampling.NEAREST), (100, 100))
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def shows(screen: Image.Image, text: str, *, paper: bool) -> bool:
    """Whether `text` stands on the screen in letters of one size, in one line or in a few."""
    ink = "10" if paper else "01"
    grey = screen.convert("L").point([ord(ink[0])] * 128 + [ord(ink[1])] * 128).tobytes().decode()
    rows = [grey[at : at + screen.width] for at in range(0, len(grey), screen.width)]
    return any(_in_pieces(rows, text, *size) for size in SIZES)


def _in_pieces(rows: list[str], text: str, dx: int, dy: int) -> bool:
    while text:
        shortest = min(3, len(text))
        lengths = range(len(text), shortest - 1, -1)
        if not _stands(rows, text[:shortest], dx, dy):
            return False
        text = text[next(length for length in lengths if _stands(rows, text[:length], dx, dy)) :]
    return True


def _stands(rows: list[str], text: str, dx: int, dy: int) -> bool:
    letters = [_letters()[character] for character in text]
    lines = ["0".join(letter[row] for letter in letters) for row in range(8)]
    wanted = ["".join(bit * dx for bit in line) for line in lines for _ in range(dy)]
    for top in range(len(rows) - len(wanted) + 1):
        left = rows[top].find(wanted[0])
        while left >= 0:
            if all(rows[top + y].startswith(row, left) for y, row in enumerate(wanted)):
                return True
            left = rows[top].find(wanted[0], left + 1)
    return False


@cache
def _letters() -> dict[str, list[str]]:
    letters = {" ": ["000"] * 8}
    for code, line in enumerate(on_board(_PRINT_FONT), 33):
        rows = [f"{row:08b}" for row in bytes.fromhex(line)]
        lit = [x for x in range(8) if any(row[x] == "1" for row in rows)]
        letters[chr(code)] = [row[lit[0] : lit[-1] + 1] for row in rows]
    return letters
