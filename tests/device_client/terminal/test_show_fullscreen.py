"""The screen of a television, as a terminal would show it and a phone would read it."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from device_client.flow import DENIED, EXPIRED, SIGNED_IN, UNREACHABLE, DeviceFlow
from device_client.show_text import TextDisplay
from device_client.terminal import big_letters, show_fullscreen
from device_client.terminal.look import Look
from device_client.terminal.show_fullscreen import FullscreenDisplay, open_fullscreen
from tests.device_client.fakes import asked, pending

LINK = "HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT"
SIZES = [(80, 24), (120, 40), (200, 60), (40, 20), (60, 60), (300, 100)]
LOOKS = [Look(), Look(color=False), Look(blocks=False), Look(blocks=False, color=False)]
SHADES = {"16": 0, "231": 255, "255": 238, "233": 18}
Show = Callable[..., "Terminal"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and knows where the cursor was sent."""

    encoding = "utf-8"
    size = (80, 24)

    def isatty(self) -> bool:
        return True

    @property
    def rows(self) -> list[str]:
        """The lines as they stand, colours and all."""
        lines: dict[int, str] = {}
        for part in self.getvalue().split("\x1b[")[1:]:
            if part.startswith("?") or part == "2J":
                continue
            if found := re.match(r"(\d+);1H", part):
                line = int(found[1])
                lines[line] = part[found.end() :]
            else:
                lines[line] += "\x1b[" + part
        return [lines[line] for line in sorted(lines)]

    @property
    def text(self) -> str:
        """The lines without colours."""
        return "\n".join(re.sub(r"\x1b\[[0-9;]*m", "", row) for row in self.rows)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Show a flow in a terminal of some size and look."""
    monkeypatch.setattr(show_fullscreen, "terminal_size", lambda terminal: terminal.size)

    def show(flow: DeviceFlow, size: tuple[int, int] = (80, 24), look: Look = LOOKS[0]) -> Terminal:
        terminal = Terminal()
        terminal.size = size
        FullscreenDisplay(terminal, look).show(flow)
        return terminal

    return show


def waiting(left_ms: int = 600_000, /, **codes: Any) -> DeviceFlow:
    """Return a flow that waits, with the short link of this server."""
    return pending(left_ms, **{"verification_uri_complete": LINK, **codes})


def halves(row: str) -> Iterator[tuple[int, int]]:
    """Yield the shades of the two halves of each cell; a # is as dark or light as its ink."""
    ink, ground = 220, 0
    for style, cell in re.findall(r"\x1b\[([0-9;]*)m|(.)", row):
        if not cell:
            found = re.findall(r"([34])8;5;(\d+)", style)
            if style.startswith("0"):
                ink, ground = 220, 0
            if style == "7":
                ink, ground = ground, ink
            for kind, number in found:
                shade = SHADES.get(number, 128)
                ink, ground = (shade, ground) if kind == "3" else (ink, shade)
            continue
        yield (ink if cell in "▀█#" else ground, ink if cell in "▄█#" else ground)


def photograph(terminal: Terminal) -> list[str]:
    """Read the QR codes on the screen."""
    columns, lines = terminal.size
    picture = Image.new("L", (columns, 2 * lines))
    for y, row in enumerate(terminal.rows):
        for x, shades in enumerate(halves(row)):
            for half in (0, 1):
                picture.putpixel((x, 2 * y + half), shades[half])
    large = picture.resize((columns * 4, lines * 8), Image.Resampling.NEAREST)
    return [code.text for code in zxingcpp.read_barcodes(large)]


@pytest.mark.parametrize("size", SIZES)
def test_qr_is_read(show: Show, size: tuple[int, int]) -> None:
    """A phone reads the link off a screen of any usual size. CL-06, RFC 8628 3.3.1."""
    assert photograph(show(waiting(), size)) == [LINK]


@pytest.mark.parametrize("look", LOOKS)
def test_qr_is_read_in_any_look(show: Show, look: Look) -> None:
    """With or without colours, with blocks or with # alone, the symbol is read. CL-06."""
    assert photograph(show(waiting(), (120, 44), look)) == [LINK]


@pytest.mark.parametrize("size", [*SIZES, (20, 8), (10, 3), (1, 1)])
@pytest.mark.parametrize("look", LOOKS)
def test_fills_the_screen(show: Show, size: tuple[int, int], look: Look) -> None:
    """Every line is written, and none is wider than the terminal. CL-06."""
    lines = show(waiting(), size, look).text.split("\n")
    assert len(lines) == size[1]
    if size[0] >= 10:
        assert {len(line) for line in lines} == {size[0]}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "codes",
    [
        {},
        {"user_code": "wdjb-mjht-wdjb"},
        {"user_code": "WDJB-"},
        {"verification_uri_complete": "https://tv.example.com/" + "long/" * 40},
        {"verification_uri_complete": "https://tv.example.com/" + "long/" * 200},
    ],
)
def test_words(show: Show, size: tuple[int, int], codes: dict[str, str]) -> None:
    """The address stands there in letters, the code in letters or big ones, at any size. CL-06."""
    flow = waiting(**codes)
    screen = show(flow, size).text
    text = re.sub(r"[ ▀▄█]", "", screen)
    assert flow.verification_uri in text.replace("\n", "")
    assert flow.user_code in text or all(row in screen for row in big_letters.draw("WDJB-"))


def test_without_a_symbol(show: Show) -> None:
    """Every line has its place, within a margin of 5 % at each edge. CL-06."""
    flow = waiting(401_000, verification_uri_complete="https://tv.example.com/" + "long/" * 200)
    assert [line.rstrip() for line in show(flow, (70, 20)).text.split("\n")] == [
        "",
        "",
        "",
        "    Sign in on your phone or computer",
        "",
        "    Open",
        "    https://tv.example.com/device",
        "",
        "    Enter the code",
        "",
        "    █   █  █▀▀▀▄      █  █▀▀▀▄         █▄ ▄█      █  █   █  ▀▀█▀▀",
        "    █ ▄ █  █   █      █  █▄▄▄▀   ▄▄▄   █ █ █      █  █▄▄▄█    █",
        "    █▄▀▄█  █   █  ▄   █  █   █         █   █  ▄   █  █   █    █",
        "    ▀   ▀  ▀▀▀▀    ▀▀▀   ▀▀▀▀          ▀   ▀   ▀▀▀   ▀   ▀    ▀",
        "",
        "    WDJB-MJHT",
        "",
        "",
        "   Waiting for your approval  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  6:41",
        "",
    ]


def test_letters_grow(show: Show) -> None:
    """On a large terminal symbol and letters are several dots to the dot. CL-06."""
    small, large = (show(waiting(), size).text for size in ((80, 24), (200, 60)))
    assert "█▀▀▀▀▀█" in small
    assert "█" * 14 in large


def test_as_hashes(show: Show) -> None:
    """Where blocks cannot be written there is nothing but ASCII. CL-06."""
    terminal = show(waiting(), (120, 44), Look(blocks=False))
    assert terminal.getvalue().isascii()
    assert "####" in terminal.text


def test_without_colors(show: Show) -> None:
    """Without colours nothing but bold, dim and reversed letters is asked for. no-color.org."""
    for look in LOOKS[1::2]:
        styles = set(re.findall(r"\x1b\[([0-9;]*)m", show(waiting(), (120, 44), look).getvalue()))
        assert styles <= {"0", "1", "2", "7"}


def test_time_left_alone_is_rewritten(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each second rewrites the last line alone, and only when it changes. CL-06."""
    monkeypatch.setattr(show_fullscreen, "terminal_size", lambda _: (80, 24))
    terminal, flow = Terminal(), waiting()
    display = FullscreenDisplay(terminal, Look())
    display.show(flow)
    before = len(terminal.getvalue())
    display.show(flow)
    assert len(terminal.getvalue()) == before
    flow.left_ms -= 1000
    display.show(flow)
    assert re.findall(r"\x1b\[(\d+);1H", terminal.getvalue()[before:]) == ["23"]
    assert "9:59" in terminal.text


def test_resize(show: Show) -> None:
    """A terminal of another size is drawn anew, at the next look. CL-06."""
    terminal = show(waiting())
    display = FullscreenDisplay(terminal, Look())
    for size in [(80, 24), (120, 40)]:
        terminal.size = size
        terminal.truncate(0)
        display.show(waiting())
    assert len(terminal.rows) == 40
    assert photograph(terminal) == [LINK]


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (DeviceFlow("tv", "", "0" * 64, 0), "Connecting …"),
        (waiting(401_000), "6:41"),
        (waiting(-1_000), "0:00"),
    ],
)
def test_states(show: Show, flow: DeviceFlow, words: str) -> None:
    """What is going on can be read. CL-04, CL-06."""
    assert words in show(flow).text


def test_return_code(show: Show) -> None:
    """The number has the screen for itself: what is typed, and what is missing. XD-20."""
    assert [line.rstrip() for line in show(asked("04"), (48, 15)).text.split("\n")] == [
        "",
        "",
        "",
        "",
        "     Enter the number that your phone shows",
        "",
        "     ▄▀▀▀▄    ▄█",
        "     █ ▄▀█  ▄▀ █",
        "     █▀  █  ▀▀▀█▀",
        "      ▀▀▀      ▀   ▀▀▀▀▀  ▀▀▀▀▀",
        "",
        "",
        "",
        "",
        "  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  1:05",
    ]


@pytest.mark.parametrize("size", [(80, 24), (40, 20), (20, 8), (12, 4), (10, 3), (1, 1)])
@pytest.mark.parametrize("look", LOOKS)
def test_return_code_at_any_size(show: Show, size: tuple[int, int], look: Look) -> None:
    """The digits are as large as there is room for, and nothing is too wide. XD-20."""
    lines = show(asked("04"), size, look).text.split("\n")
    assert len(lines) == size[1]
    if size[0] >= 10:
        assert {len(line) for line in lines} == {size[0]}
        assert re.search("█|###|0 4 _ _", "\n".join(lines))


def test_return_code_on_its_way(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was entered stays until the server has answered. XD-20, CL-04."""
    monkeypatch.setattr(show_fullscreen, "terminal_size", lambda _: (80, 24))
    terminal, flow = Terminal(), asked()
    display = FullscreenDisplay(terminal, Look())
    display.show(flow)
    blank = terminal.text
    flow.enter("0427")
    display.show(flow)
    assert "Checking the number" in terminal.text
    flow.backoff_ms = 2000
    display.show(flow)
    assert "No answer yet, trying again" in terminal.text
    assert terminal.text.count("█") > blank.count("█")


def test_time_for_the_return_code(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number has a time of its own. XD-20."""
    monkeypatch.setattr(show_fullscreen, "terminal_size", lambda _: (80, 24))
    terminal, flow = Terminal(), asked()
    display = FullscreenDisplay(terminal, Look())
    flow.return_code_length, flow.left_ms = 0, 30_000
    display.show(flow)
    flow.return_code_length, flow.left_ms = 4, 65_000
    display.show(flow)
    assert "━  1:05" in terminal.text
    flow.left_ms = 1_000
    display.show(flow)
    assert "━─" in terminal.text


@pytest.mark.parametrize("flow", [DeviceFlow("tv", "", "0" * 64, 0), waiting()])
def test_no_answer(show: Show, flow: DeviceFlow) -> None:
    """A silent server shows. CL-04."""
    flow.receive(0, {}, 0)
    assert "No answer yet, trying again" in show(flow).text


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (SIGNED_IN, "Signed in as Ada Lovelace."),
        (DENIED, "Sign-in was denied."),
        (EXPIRED, "The code has expired. Start again for a new one."),
        (UNREACHABLE, "The server does not answer."),
    ],
)
def test_finish(show: Show, state: str, line: str) -> None:
    """Each end has a screen of its own, which stays long enough to be read. CL-17."""
    terminal, flow, naps = Terminal(), waiting(), list[float]()
    display = FullscreenDisplay(terminal, Look(), naps.append)
    show(flow)
    flow.state = state
    display.finish(flow, "Ada Lovelace")
    display.close()
    assert sum(naps) == pytest.approx(4)
    assert line in terminal.text
    assert {len(row) for row in terminal.text.removesuffix(line + "\n").split("\n")} == {80}
    assert terminal.getvalue().endswith(line + "\n")


def test_wide_letters(show: Show) -> None:
    """Letters that take two columns, and accents that take none, move nothing. CL-06."""
    terminal, flow = Terminal(), waiting()
    show(flow)
    flow.state = SIGNED_IN
    FullscreenDisplay(terminal, Look(), lambda _: None).finish(flow, "漢字 e\u0301")
    (line,) = (row for row in terminal.text.split("\n") if "漢字 e\u0301." in row and "  " in row)
    assert len(line) == 80 - 2 + 1


def test_enough_of_the_end(show: Show) -> None:
    """Ctrl-C at the last screen ends that, and changes nothing. CL-17."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    terminal, flow = Terminal(), waiting()
    flow.state = SIGNED_IN
    FullscreenDisplay(terminal, Look(), interrupt).finish(flow)
    assert terminal.getvalue().endswith("Signed in.\n")


def test_hostile_words(show: Show) -> None:
    """A server's words cannot steer the terminal. CL-08."""
    written = show(waiting(user_code="\x1b[3J", verification_uri="\x1b]0;x\x07")).getvalue()
    assert "\x1b[3J" not in written
    assert "\x1b]" not in written


def test_secrets_are_not_shown(show: Show) -> None:
    """The device code is on no screen. CL-07."""
    assert "GmRhmhcxhwAzkoEqiMEg" not in show(waiting(), (200, 60)).text


class _Latin(Terminal):
    encoding = "latin-1"


@pytest.mark.parametrize(
    ("stream", "environ", "kind"),
    [
        (Terminal(), {}, FullscreenDisplay),
        (_Latin(), {}, FullscreenDisplay),
        (Terminal(), {"TERM": "dumb"}, TextDisplay),
        (io.StringIO(), {}, TextDisplay),
    ],
)
def test_open_fullscreen(stream: io.StringIO, environ: dict[str, str], kind: type) -> None:
    """What is no terminal gets plain lines. CL-06."""
    assert isinstance(open_fullscreen(stream, environ)._display, kind)


def test_second_sign_in(show: Show) -> None:
    """After the end a display shows the next code and its own time. CL-06."""
    terminal = show(waiting())
    display = FullscreenDisplay(terminal, Look(), lambda _: None)
    for code, left_ms in (("WDJB-MJHT", 600_000), ("KLMN-PQRS", 900_000)):
        terminal.truncate(0)
        flow = waiting(left_ms, user_code=code)
        display.show(flow)
        assert code in terminal.text
        assert "─" not in terminal.text
        flow.state = DENIED
        display.finish(flow)


def test_letters_that_cannot_be_written() -> None:
    """A letter that the terminal has not takes the room of its ?. CL-08."""
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="latin-1")
    flow = waiting(user_code="漢字")
    display = FullscreenDisplay(terminal, Look(blocks=False), lambda _: None)
    display.show(flow)
    flow.state = SIGNED_IN
    display.finish(flow, "Łukasz")
    written = raw.getvalue().decode("latin-1")
    assert "? ?" in written
    assert written.endswith("Signed in as ?ukasz.\n")
