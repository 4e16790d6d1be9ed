"""The sign-in screen, as a terminal would show it and a phone would read it."""

import fcntl
import io
import os
import re
import struct
import termios

import pytest
import zxingcpp
from PIL import Image

from device_client.flow import DENIED, SIGNED_IN, DeviceFlow
from device_client.show_text import TextDisplay
from device_client.terminal.show_terminal import (
    BLACK_ON_WHITE,
    TerminalDisplay,
    open_display,
    qr_cells,
)
from tests.device_client.fakes import asked, pending

COMPLETE = "HTTPS://TV.EXAMPLE.COM/device?user_code=WDJB-MJHT"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def shown(flow: DeviceFlow, size: tuple[int, int] = (80, 24), no_color: bool = False) -> str:
    """Return all that the display wrote for one flow."""
    terminal = Terminal()
    TerminalDisplay(terminal, size, no_color).show(flow)
    return terminal.getvalue()


def plain(text: str) -> str:
    """Return `text` without escape sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


def photograph(rows: list[str], lit: str = " ▀▄█") -> list[str]:
    """Read the QR codes in a picture of cells, whose index in `lit` says which halves are dark."""
    scale = 4
    picture = Image.new("L", (len(rows[0]) * scale, len(rows) * 2 * scale), 128)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            for half in (0, 1):
                shade = 0 if lit.index(cell) >> half & 1 else 255
                left, top = x * scale, (2 * y + half) * scale
                picture.paste(shade, (left, top, left + scale, top + scale))
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def painted(screen: str) -> list[str]:
    """Return the cells that are painted black on white."""
    return re.findall(re.escape(BLACK_ON_WHITE) + r"([ ▀▄█]+)\x1b\[0m", screen)


def test_qr_is_read() -> None:
    """A phone reads the complete address off the screen. CL-06, RFC 8628 3.3.1."""
    rows = painted(shown(pending()))
    assert {len(row) for row in rows} == {37}
    assert len(rows) == 19
    assert photograph(rows) == [COMPLETE]


def test_qr_without_complete_address() -> None:
    """Without verification_uri_complete the QR code has the short address. RFC 8628 3.3.1."""
    rows = painted(shown(pending(verification_uri_complete=None)))
    assert photograph(rows) == ["HTTPS://TV.EXAMPLE.COM/device"]


def test_qr_without_colors() -> None:
    """Without colours the light modules are drawn, for a dark terminal. CL-06."""
    screen = shown(pending(), no_color=True)
    assert not re.search(r"\x1b\[(3|4)[0-9;]*m", screen)
    rows = [line[2:39] for line in plain(screen).splitlines()[1:20]]
    assert photograph(rows, "█▄▀ ") == [COMPLETE]


def test_address_too_long_for_a_symbol() -> None:
    """Where no symbol can be had the words stand alone. CL-06."""
    flow = pending(verification_uri_complete="https://tv.example.com/" + "long/" * 200)
    assert qr_cells(flow) == []
    screen = shown(flow, (100, 40))
    assert "WDJB-MJHT" in screen
    assert "Scan" not in screen


def test_quiet_zone() -> None:
    """Four light modules surround the code. ISO/IEC 18004 5.3."""
    rows = qr_cells(pending())
    assert not "".join(rows[:2] + rows[-2:]).strip()
    assert all(row.startswith("    ") and row.endswith("    ") for row in rows)


def test_screen() -> None:
    """Address and code stand beside the QR code; all of it fits 80 by 24. CL-06."""
    screen = plain(shown(pending(left_ms=401_000)))
    words = [line[42:] for line in screen.splitlines()[1:20]]
    assert words == [
        "Sign in on your phone or computer",
        "",
        "Scan the QR code, or open",
        "https://tv.example.com/device",
        "",
        "Your code",
        "",
        "█   █  █▀▀▀▄      █  █▀▀▀▄       ",
        "█ ▄ █  █   █      █  █▄▄▄▀   ▄▄▄ ",
        "█▄▀▄█  █   █  ▄   █  █   █       ",
        "▀   ▀  ▀▀▀▀    ▀▀▀   ▀▀▀▀        ",
        "",
        "█▄ ▄█      █  █   █  ▀▀█▀▀",
        "█ █ █      █  █▄▄▄█    █  ",
        "█   █  ▄   █  █   █    █  ",
        "▀   ▀   ▀▀▀   ▀   ▀    ▀  ",
        "",
        "WDJB-MJHT",
        "",
    ]
    assert screen.endswith("Waiting for your approval   ━━━━━━━━━━━━━━━━━━━━━━━━   6:41")


def test_small_symbol() -> None:
    """Beside a symbol of 17 lines, as our own links have, the code is big too. CL-06."""
    link = "HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT"
    screen = shown(pending(verification_uri_complete=link))
    assert photograph(painted(screen)) == [link]
    assert len(plain(screen).splitlines()) == 1 + 18 + 2
    assert "WDJB-MJHT" in screen


SIZES = [(80, 24), (200, 60), (60, 50), (40, 30), (38, 60), (80, 10), (36, 5)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "codes",
    [
        {},
        {"user_code": "x" * 60},
        {"user_code": "wdjb-mjht", "verification_uri": "https://tv.example.com/" + "long/" * 12},
        {"verification_uri_complete": "https://tv.example.com/" + "long/" * 40},
    ],
)
def test_any_size(size: tuple[int, int], codes: dict[str, object]) -> None:
    """Address and code are there in text at any size, and no line of words is too wide. CL-06."""
    flow = pending(600_000, **codes)
    *lines, status = plain(shown(flow, size)).splitlines()
    assert len(status) < size[0]
    text = "".join(re.sub(r"[ ▀▄█]", "", line) for line in lines)
    assert flow.verification_uri in text
    assert flow.user_code in text
    assert all(len(line) < size[0] for line in lines if flow.user_code not in line)


@pytest.mark.parametrize("code", ["WDJB-", "-", "--WDJB"])
@pytest.mark.parametrize("size", SIZES)
def test_odd_dashes(code: str, size: tuple[int, int]) -> None:
    """A code may have its dashes anywhere. CL-08."""
    assert code in re.sub(r"[ ▀▄█]", "", plain(shown(pending(user_code=code), size)))


def test_second_sign_in() -> None:
    """After the end a display shows the next code. CL-06."""
    terminal = Terminal()
    display = TerminalDisplay(terminal, (80, 12))
    for code in ("WDJB-MJHT", "KLMN-PQRS"):
        flow = pending(user_code=code)
        display.show(flow)
        flow.state = DENIED
        display.finish(flow)
    assert [found in plain(terminal.getvalue()) for found in ("W D J B", "K L M N")] == [True] * 2


def test_narrow_is_stacked() -> None:
    """On a narrow terminal the words stand under the QR code. CL-06."""
    screen = plain(shown(pending(), (50, 50)))
    assert screen.index("█▀▀▀▀▀█") < screen.index("Scan the QR code")
    assert photograph(painted(shown(pending(), (50, 50)))) == [COMPLETE]


def test_small_has_words_only() -> None:
    """Where no QR code fits, none is spoken of. CL-06."""
    assert "QR" not in plain(shown(pending(), (80, 12)))


def test_time_left_in_place() -> None:
    """Each second rewrites the last line alone, and only when it changes. CL-06."""
    terminal, flow = Terminal(), pending()
    display = TerminalDisplay(terminal, (80, 24))
    display.show(flow)
    before = len(terminal.getvalue())
    display.show(flow)
    assert len(terminal.getvalue()) == before
    flow.left_ms -= 1000
    display.show(flow)
    written = terminal.getvalue()[before:]
    assert written.startswith("\r\x1b[2K")
    assert "\n" not in written
    assert written.endswith("9:59")


def test_no_answer() -> None:
    """A silent server shows. CL-04."""
    flow = pending()
    flow.receive(0, {}, 0)
    assert "No answer yet, trying again" in shown(flow)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "_ _ _ _"), ("04", "0 4 _ _"), ("042", "0 4 2 _")],
)
@pytest.mark.parametrize("size", SIZES)
def test_return_code(size: tuple[int, int], typed: str, words: str) -> None:
    """The digits that are typed stand in the last line, and the missing ones at any size. XD-20."""
    status = plain(shown(asked(typed), size)).splitlines()[-1]
    assert words in status
    assert "Enter the number" in status
    assert len(status) < size[0]


def test_time_for_the_return_code() -> None:
    """The number has a time of its own, which goes on while it is checked. XD-20."""
    terminal, flow = Terminal(), asked()
    display = TerminalDisplay(terminal, (80, 24))
    flow.return_code_length = 0
    display.show(flow)
    flow.return_code_length = 4
    display.show(flow)
    bar = "━" * 19
    assert plain(terminal.getvalue()).endswith(f"phone shows   _ _ _ _   {bar}   1:05")
    flow.enter("0427")
    display.show(flow)
    assert plain(terminal.getvalue()).endswith(
        "  Checking the number   0 4 2 7   " + "━" * 24 + "   1:05"
    )
    flow.backoff_ms = 2000
    display.show(flow)
    assert "No answer yet, trying again   0 4 2 7" in plain(terminal.getvalue())


@pytest.mark.parametrize(
    ("state", "line"),
    [(SIGNED_IN, "✓ Signed in as Ada Lovelace."), (DENIED, "✗ Sign-in was denied.")],
)
def test_finish(state: str, line: str) -> None:
    """The end takes the place of the time left, and gives the cursor back. CL-17."""
    terminal, flow = Terminal(), pending()
    display = TerminalDisplay(terminal, (80, 24))
    display.show(flow)
    flow.state = state
    display.finish(flow, "Ada Lovelace")
    display.close()
    assert plain(terminal.getvalue()).endswith(f"  {line}\n")
    assert terminal.getvalue().endswith("\x1b[?25h")
    assert terminal.getvalue().count("\x1b[?25l") == 1


def test_letters_that_cannot_be_written() -> None:
    """A name in letters that the terminal has not is told all the same. CL-08."""
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="cp437")
    flow = pending()
    flow.state = SIGNED_IN
    TerminalDisplay(terminal, (80, 24)).finish(flow, "Łukasz")
    assert "Signed in as ?ukasz." in raw.getvalue().decode("cp437")


def test_hostile_words() -> None:
    """A server's words cannot steer the terminal. CL-08."""
    flow = pending(user_code="\x1b[2J", verification_uri="\x1b]0;x\x07")
    assert "\x1b[2J" not in shown(flow)
    assert "\x1b]" not in shown(flow)


def test_secrets_are_not_shown() -> None:
    """The device code is on no screen. CL-07."""
    assert "GmRhmhcxhwAzkoEqiMEg" not in shown(pending())


class _Latin(Terminal):
    encoding = "latin-1"


@pytest.mark.parametrize(
    ("stream", "environ", "kind"),
    [
        (Terminal(), {}, TerminalDisplay),
        (Terminal(), {"TERM": "dumb"}, TextDisplay),
        (io.StringIO(), {}, TextDisplay),
        (_Latin(), {}, TextDisplay),
    ],
)
def test_open_display(stream: io.StringIO, environ: dict[str, str], kind: type) -> None:
    """Whatever cannot draw gets plain lines, without escape sequences. CL-06."""
    display = open_display(stream, environ)
    assert isinstance(display._display, kind)
    display.show(pending())
    assert ("\x1b" in stream.getvalue()) is (kind is TerminalDisplay)


def test_letters_that_cannot_be_logged() -> None:
    """Plain lines have a ? for what their stream cannot write. CL-08."""
    raw = io.BytesIO()
    log = io.TextIOWrapper(raw, encoding="latin-1")
    flow = pending()
    flow.state = SIGNED_IN
    open_display(log, {}).finish(flow, "Łukasz")
    assert raw.getvalue() == b"Signed in as ?ukasz.\n"


def test_size_is_of_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal that is drawn on is the one that is measured. CL-06."""
    keyboard, screen = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 50, 0, 0))
    terminal = Terminal()
    monkeypatch.setattr(terminal, "fileno", lambda: screen)
    display = open_display(terminal, {})
    display.show(pending())
    display.close()
    os.close(screen)
    os.close(keyboard)
    assert max(map(len, plain(terminal.getvalue()).splitlines())) == 49


def test_no_color_is_asked_for() -> None:
    """NO_COLOR in the environment takes the colours away. no-color.org."""
    terminal = Terminal()
    open_display(terminal, {"NO_COLOR": "1"}).show(pending())
    assert BLACK_ON_WHITE not in terminal.getvalue()
