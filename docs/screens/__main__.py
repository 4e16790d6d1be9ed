"""Draw the pictures of hardware_notes.md: `.venv/bin/python -m docs.screens`. Needs MicroPython.

They are what `FrameBufferDisplay` draws, with its pixels made large enough to be seen.
"""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

from tests.device_client.screens.pictures import DISPLAYS, Display, screens

_FOLDER = Path(__file__).parent
_COLUMNS = 3
_GAP, _BEZEL, _RADIUS, _CAPTION = 22, 12, 10, 30
_BETWEEN = 110  # how much light is left between two pixels
_PAGE, _WORDS = "#eef0f3", "#3c4048"

# In the order of a sign-in.
_CAPTIONS = {
    "starting": "asking for a code",
    "pending": "waiting for the person",
    "pending-no-answer": "the network is gone",
    "hidden": "code hidden after a while",
    "number": "asking for the return code",
    "number-pressed": "its third digit is pressed",
    "signed-in": "signed in",
    "denied": "the person said no",
    "wrong-number": "another number was entered",
    "expired": "nobody came in time",
    "failed": "refused by the server",
    "unreachable": "no server at all",
}


class _Glass(NamedTuple):
    """How a kind of display looks: pixels are `scale` wide, less the `gap` between them."""

    scale: int
    gap: int
    lit: str
    dark: str
    bezel: str


_OLED = _Glass(4, 1, "#dcefff", "#05070a", "#16181d")
_COLOUR = _Glass(2, 0, "#ffffff", "#081042", "#16181d")
_PAPER = _Glass(2, 0, "#e4e2da", "#24262b", "#fbfbfa")


def _glass(display: Display) -> _Glass:
    if display.options.get("paper"):
        return _PAPER
    return _COLOUR if display.format == "RGB565" else _OLED


def _enlarged(screen: Image.Image, glass: _Glass) -> Image.Image:
    size = screen.width * glass.scale, screen.height * glass.scale
    mask = screen.convert("L").point([0] * 128 + [255] * 128).resize(size, Image.Resampling.NEAREST)
    grid = Image.new("L", size, 255)
    draw = ImageDraw.Draw(grid)
    for offset in range(glass.gap):
        for x in range(offset, size[0], glass.scale):
            draw.line((x, 0, x, size[1]), _BETWEEN)
        for y in range(offset, size[1], glass.scale):
            draw.line((0, y, size[0], y), _BETWEEN)
    mask = ImageChops.multiply(mask, grid)
    picture = Image.new("RGB", size, glass.dark)
    picture.paste(glass.lit, mask=mask)
    return picture


def _sheet(display: Display) -> Image.Image:
    glass = _glass(display)
    pictures = screens(display)
    font = ImageFont.load_default(19)
    width = display.width * glass.scale + 2 * _BEZEL
    height = display.height * glass.scale + 2 * _BEZEL
    rows = -(-len(_CAPTIONS) // _COLUMNS)
    size = (
        _COLUMNS * (width + _GAP) + _GAP,
        rows * (height + _CAPTION + _GAP) + _GAP // 2,
    )
    sheet = Image.new("RGB", size, _PAGE)
    draw = ImageDraw.Draw(sheet)
    for at, (name, caption) in enumerate(_CAPTIONS.items()):
        left = _GAP + at % _COLUMNS * (width + _GAP)
        top = _GAP + at // _COLUMNS * (height + _CAPTION + _GAP)
        frame = left, top, left + width - 1, top + height - 1
        draw.rounded_rectangle(frame, _RADIUS, glass.bezel, "#b9bdc4")
        sheet.paste(_enlarged(pictures[name], glass), (left + _BEZEL, top + _BEZEL))
        middle = left + width // 2, top + height + _CAPTION // 2 + 2
        draw.text(middle, caption, ImageColor.getrgb(_WORDS), font, anchor="mm")
    return sheet


for _display in DISPLAYS:
    if _display.name != "128x32":
        _path = _FOLDER / f"{_display.name}.png"
        _sheet(_display).quantize(16, dither=Image.Dither.NONE).save(_path, optimize=True)
        print(f"{_path.name}: {_path.stat().st_size} bytes")
