"""The screens of small displays, as a real MicroPython draws them and a phone reads them.

`.venv/bin/python -m tests.device_client.screens` draws the approved pictures anew.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from tests.device_client.screens import pictures
from tests.device_client.screens.pictures import DISPLAYS, LINK, LONG_LINK, Display
from tests.device_client.screens.reading import scanned, shows
from tests.device_client.test_compiled import compiled

FACTS = pictures.APPROVED / "display_facts.py"
CODE, ADDRESS = "WDJB-MJHT", "tv.example.com/device"
LIBRARY = "pairlight.library.example.org/device"
ENDS = ["signed-in", "denied", "expired", "failed", "unreachable"]

# What each waiting screen says in words and in its symbol.
WAITING = {
    "pending": (CODE, ADDRESS, LINK),
    "pending-no-answer": (CODE, ADDRESS, LINK),
    "pending-wide-letters": ("WMWM-XMWM", ADDRESS, LINK),
    "pending-version-3": (CODE, ADDRESS, LONG_LINK),
    "pending-long-address": (CODE, LIBRARY, LONG_LINK),
    "pending-long-address-2": (CODE, LIBRARY, LONG_LINK),
    "pending-odd-code": ("wdjb_0Oil1-x7!?", "an.address.of.exactly/40-characters/long", ""),
}
# Where not all of that has room.
WITHOUT_SYMBOL = [("128x64", "pending-long-address")]
WITHOUT_ADDRESS = [("128x64", "pending-long-address-2"), ("128x32", "pending-odd-code")]

each_display = pytest.mark.parametrize("display", DISPLAYS, ids=lambda display: display.name)
each_waiting = pytest.mark.parametrize("scene", WAITING)


@cache
def drawn(display_name: str) -> dict[str, Image.Image]:
    """Return all screens of a display; drawn once, and not to be changed."""
    (display,) = (display for display in DISPLAYS if display.name == display_name)
    return pictures.screens(display)


@each_display
def test_approved(micropython: Path, display: Display) -> None:
    """Every screen in every size is, pixel for pixel, what a person approved. CL-06, CL-17."""
    with Image.open(pictures.approved(display)) as file:
        approved = file.convert("RGB")
    for at, (scene, picture) in enumerate(drawn(display.name).items()):
        place = pictures.place(at, display.width, display.height)
        assert approved.crop(place).tobytes() == picture.tobytes(), scene
    assert approved.size == pictures.sheet(drawn(display.name)).size


@each_display
@each_waiting
def test_symbol_is_read(micropython: Path, display: Display, scene: str) -> None:
    """A camera reads the link off the screen, wherever there is room for a symbol. CL-06."""
    link = WAITING[scene][2]
    if display.height < 64 or (display.name, scene) in WITHOUT_SYMBOL:
        link = ""
    assert scanned(drawn(display.name)[scene]) == [link][: bool(link)]


def test_symbol_of_its_own(micropython: Path) -> None:
    """Without bits from the server the device draws the symbol itself, on 64 rows too. CL-06."""
    code = """
import framebuf
from tests.device_client.screens.scenes import PENDING, Flow, draw
link = "https://tv.example.com/device?user_code=WDJB-MJHT"
memory = bytearray(1024)
flow = Flow(PENDING, verification_uri_complete=link)
draw("own", flow, memory, framebuf.MONO_VLSB, 128, 64)
print(memory.hex())
"""
    (memory,) = pictures.on_board(code)
    screen = pictures.picture(Display(128, 64, "MONO_VLSB", {}), bytes.fromhex(memory))
    assert scanned(screen) == ["HTTPS://TV.EXAMPLE.COM/device?user_code=WDJB-MJHT"]


@each_display
@each_waiting
def test_words_are_read(micropython: Path, display: Display, scene: str) -> None:
    """The code stands there exactly as given, and the address without https://. CL-06."""
    screen = drawn(display.name)[scene]
    code, address, _ = WAITING[scene]
    paper = bool(display.options.get("paper"))
    assert shows(screen, code, paper=paper)
    room = (display.name, scene) not in WITHOUT_ADDRESS
    assert shows(screen, address, paper=paper) is room


@each_display
def test_the_network_is_gone(micropython: Path, display: Display) -> None:
    """When the server falls silent the code stays, and the screen says so. CL-04, CL-06."""
    screen, paper = drawn(display.name)["pending-no-answer"], bool(display.options.get("paper"))
    assert shows(screen, CODE, paper=paper)
    assert shows(screen, "answer", paper=paper) is (display.height > 32)


@each_display
def test_ends_differ(micropython: Path, display: Display) -> None:
    """Each way it can end has a screen of its own, in large letters. CL-17."""
    screens = drawn(display.name)
    assert len({screens[scene].tobytes() for scene in ENDS}) == len(ENDS)
    paper = bool(display.options.get("paper"))
    assert shows(screens["denied"], "DENIED", paper=paper)
    assert shows(screens["expired"], "EXPIRED", paper=paper)
    assert shows(screens["signed-in"], "Lovelace.", paper=paper)


@each_display
def test_hidden(micropython: Path, display: Display) -> None:
    """A hidden code is neither to be read nor to be scanned. CL-10."""
    screen, paper = drawn(display.name)["hidden"], bool(display.options.get("paper"))
    assert not shows(screen, CODE, paper=paper)
    assert not shows(screen, ADDRESS, paper=paper)
    assert not scanned(screen)


@each_display
def test_number(micropython: Path, display: Display) -> None:
    """The digits that are there take the code's place, and what to do is said. XD-20."""
    screens, paper = drawn(display.name), bool(display.options.get("paper"))
    assert shows(screens["number"], "_ _ _ _", paper=paper)
    assert shows(screens["number-sent"], "4 8 3 7", paper=paper)
    for scene in ("number", "number-pressed", "number-sent"):
        assert shows(screens[scene], "press", paper=paper)
        assert not shows(screens[scene], CODE, paper=paper)
        assert not scanned(screens[scene])


@each_display
def test_number_counts(micropython: Path, display: Display) -> None:
    """Each press shows, but on e-paper, which shows a digit when it is taken. XD-20."""
    screens, paper = drawn(display.name), bool(display.options.get("paper"))
    assert shows(screens["number-pressed"], "4 8 _ _" if paper else "4 8 3 _", paper=paper)


@each_display
def test_colours(micropython: Path, display: Display) -> None:
    """Only the two given colours are used. CL-06."""
    for picture in drawn(display.name).values():
        colours = {colour for _, colour in picture.getcolors() or []}
        dark = (8, 16, 65) if display.format == "RGB565" else (0, 0, 0)
        assert colours == {dark, (255, 255, 255)}


@pytest.mark.parametrize("fact", re.findall(r"(?m)^def (test_\w+)", FACTS.read_text()))
def test_fact_on_a_board(micropython: Path, fact: str) -> None:
    """Each fact of display_facts.py holds under MicroPython. CL-10."""
    module = "tests.device_client.screens.display_facts"
    assert pictures.on_board(f"from {module} import {fact}\n{fact}()\nprint('held')") == ["held"]


def test_device_code_is_out_of_reach(micropython: Path) -> None:
    """All these screens come from flows that fail when asked for their device code. CL-07."""
    code = """
from tests.device_client.screens.scenes import PENDING, Flow
try:
    Flow(PENDING).device_code
except AssertionError:
    print("failed")
"""
    assert pictures.on_board(code) == ["failed"]


@pytest.mark.parametrize("name", ["show_framebuf", "framebuf_page"])
def test_size(name: str, tmp_path: Path) -> None:
    """Either half of it takes at most 1,500 bytes of flash. CL-16."""
    assert compiled(name, tmp_path) <= 1500
