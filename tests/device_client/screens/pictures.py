"""What `FrameBufferDisplay` draws, as pictures with a pixel for each pixel."""

import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from server.qr import make_symbol
from tests import programs

ROOT = Path(__file__).parent.parent.parent.parent
APPROVED = Path(__file__).parent
COLUMNS = 3

LINK = "HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT"  # version 2
LONG_LINK = "HTTPS://PAIRLIGHT.LIBRARY.EXAMPLE.ORG/D/WDJBMJHT"  # version 3
NAVY = 0x0888


class Display(NamedTuple):
    """A size, a format of framebuf's, and the options of `FrameBufferDisplay`."""

    width: int
    height: int
    format: str
    options: dict[str, object]

    @property
    def name(self) -> str:
        return f"{self.width}x{self.height}"


DISPLAYS = [
    Display(128, 32, "MONO_VLSB", {}),
    Display(128, 64, "MONO_VLSB", {}),
    Display(128, 128, "MONO_VLSB", {}),
    Display(240, 135, "RGB565", {"lit": 0xFFFF, "dark": NAVY}),
    Display(240, 240, "RGB565", {"lit": 0xFFFF, "dark": NAVY}),
    Display(320, 240, "RGB565", {"lit": 0xFFFF, "dark": NAVY}),
    Display(296, 128, "MONO_HLSB", {"paper": True}),
]


def screens(display: Display) -> dict[str, Image.Image]:
    """Return each scene by name, drawn by a real MicroPython."""
    size = display.width * display.height * (2 if display.format == "RGB565" else 1)
    size //= 1 if display.format == "RGB565" else 8
    symbols = [_sent(LINK), _sent(LONG_LINK)]
    code = (
        "from tests.device_client.screens import scenes\n"
        f"scenes.run({display.format!r}, {size}, {display.width}, {display.height},"
        f" {symbols!r}, {display.options!r})"
    )
    pairs = (line.split() for line in on_board(code))
    return {name: picture(display, bytes.fromhex(memory)) for name, memory in pairs}


def on_board(code: str) -> list[str]:
    """Return the lines that `code` prints under MicroPython."""
    return subprocess.run(
        [programs.micropython(), "-X", "heapsize=2m", "-c", code],
        cwd=ROOT,
        env={"MICROPYPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()


def sheet(pictures: dict[str, Image.Image]) -> Image.Image:
    """Return all pictures side by side, pixel for pixel."""
    width, height = next(iter(pictures.values())).size
    rows = -(-len(pictures) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * (width + 1) - 1, rows * (height + 1) - 1), "gray")
    for at, scene in enumerate(pictures.values()):
        whole.paste(scene, place(at, width, height))
    return whole


def place(at: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Return where a sheet has its scene number `at`."""
    left, top = at % COLUMNS * (width + 1), at // COLUMNS * (height + 1)
    return left, top, left + width, top + height


def approved(display: Display) -> Path:
    """Return where the sheet that a person looked at is kept."""
    return APPROVED / f"{display.name}.png"


def _sent(link: str) -> dict[str, object]:
    symbol = make_symbol(link)
    bits = urlsafe_b64encode(symbol.rows).rstrip(b"=").decode()
    return {"size": symbol.size, "bits": bits}


def picture(display: Display, memory: bytes) -> Image.Image:
    """Return what is in a display's memory."""
    size = display.width, display.height
    if display.format == "RGB565":
        return Image.frombytes("RGB", size, memory, "raw", "BGR;16")
    if display.format == "MONO_HLSB":
        return Image.frombytes("1", size, memory).convert("RGB")
    # A byte is eight pixels of a column, the highest of them in its lowest bit.
    bits = bytes(
        memory[y // 8 * display.width + x] >> y % 8 & 1
        for y in range(display.height)
        for x in range(display.width)
    )
    return Image.frombytes("L", size, bits).point([0] + [255] * 255).convert("RGB")
