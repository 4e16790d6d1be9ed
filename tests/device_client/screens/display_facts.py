"""What `FrameBufferDisplay` does as time passes, as functions that run on a board only."""

import framebuf

from device_client import show_framebuf
from device_client.flow import DENIED, PENDING, STARTING
from tests.device_client.screens.scenes import Flow, Panel, number

SIZES = [
    (64, 32), (64, 48), (72, 40), (128, 32), (128, 64), (128, 128), (64, 128), (96, 64), (160, 80),
    (128, 160), (250, 122), (200, 200), (135, 240), (400, 300),
]  # fmt: skip
CODES = ["A", "WDJB-MJHT", "ZZZZZZZZZZZZZZZ", "4711 0815 1234", "_" * 40, "äöü", "\x1b[2J"]
ADDRESSES = ["https://a.b", "https://tv.example.com/device", "http://tv.example.com/" + "x" * 300]


class Screen:
    """A display of 128 by 64 pixels, its panel, and how often it was told to flush."""

    def __init__(self, **options: int) -> None:
        self.memory = bytearray(1024)
        frame = framebuf.FrameBuffer(self.memory, 128, 64, framebuf.MONO_VLSB)
        self.panel = Panel(frame, 128, 64)
        self.flushed = 0
        self.display = show_framebuf.FrameBufferDisplay(self.panel, 128, 64, self._flush, **options)  # type: ignore[arg-type]

    def _flush(self) -> None:
        self.flushed += 1

    def after(self, flow: Flow, passed_ms: int = 0) -> bytes:
        """Return the picture when so much time has passed, and begin to count anew."""
        flow.left_ms -= passed_ms
        self.flushed = 0
        self.panel.drawn = []
        self.display.show(flow)
        return bytes(self.memory)


class Symbols:
    """Stands in for `qr_rows` and counts; a symbol of version 1 that is dark all over."""

    def __init__(self) -> None:
        self.made = 0
        show_framebuf.qr_rows = self._rows  # type: ignore[assignment,attr-defined]

    def _rows(self, _flow: object, at_most: int) -> list[int]:
        self.made += 1
        return [(1 << 21) - 1] * 21 if at_most >= 21 else []


def test_nothing_new() -> None:
    """What is on the screen already is not drawn again. CL-06."""
    screen, flow = Screen(), Flow(PENDING)
    screen.after(flow)
    assert screen.flushed == 1
    screen.after(flow, 100)
    assert not screen.panel.drawn
    assert not screen.flushed


def test_countdown() -> None:
    """Each second redraws the last line alone. CL-06."""
    screen, flow = Screen(), Flow(PENDING)
    screen.after(flow)
    screen.after(flow, 1000)
    assert screen.flushed == 1
    tops = [y for _, y, _, _ in screen.panel.drawn]
    assert max(tops) - min(tops) < 8
    assert min(tops) > 40


def test_end_of_the_countdown() -> None:
    """The last poll comes after the end, and the countdown waits for it at zero. CL-06."""
    screen, flow = Screen(), Flow(PENDING, left_ms=0)
    screen.after(flow)
    screen.after(flow, 5000)
    assert not screen.flushed


def test_paper_is_spared() -> None:
    """On e-paper a minute passes between two refreshes. CL-06."""
    screen, flow = Screen(paper=True), Flow(PENDING, left_ms=600_000)
    screen.after(flow)
    flushed = 0
    for _ in range(5 * 60):
        screen.after(flow, 200)
        flushed += screen.flushed
    assert flushed == 1


def test_paper_does_not_turn_pages() -> None:
    """On e-paper nothing alternates: a long address has the page. CL-06."""
    Symbols()
    screen = Screen(paper=True)
    flow = Flow(PENDING, verification_uri="https://" + "x" * 60, left_ms=599_000)
    screen.after(flow)
    for _ in range(50):
        screen.after(flow, 1000)
        assert not screen.flushed


def test_pages_turn() -> None:
    """Where symbol and address do not fit together they take turns, beside the code. CL-06."""
    Symbols()
    screen = Screen()
    flow = Flow(PENDING, verification_uri="https://" + "x" * 60, left_ms=8000)
    words = screen.after(flow)
    symbol = screen.after(flow, 1000)
    assert words[:256] != symbol[:256]
    assert symbol[0] == symbol[30] == 0xFF  # the lit field
    assert not words[0]


def test_hidden_code_comes_back() -> None:
    """After `hide_after_ms` the code is gone until the display is woken, and then again. CL-10."""
    screen, flow = Screen(hide_after_ms=30_000), Flow(PENDING)
    flow.backoff_ms = 1  # no countdown, so that pictures can be compared
    shown = screen.after(flow)
    assert screen.after(flow, 29_999) == shown
    hidden = screen.after(flow, 1)
    assert hidden != shown
    assert screen.after(flow, 60_000) == hidden
    screen.display.wake()
    assert screen.after(flow) == shown
    assert screen.after(flow, 30_000) == hidden


def test_code_stays_by_default() -> None:
    """Without `hide_after_ms` the code stays to the end. CL-06."""
    screen, flow = Screen(), Flow(PENDING, backoff_ms=1)
    shown = screen.after(flow)
    assert screen.after(flow, 599_000) == shown


def test_symbol_is_made_once() -> None:
    """A code's symbol is made once, however often it is drawn, and let go at the end. CL-16."""
    symbols = Symbols()
    screen, flow = Screen(hide_after_ms=1000), Flow(PENDING)
    for _ in range(5):
        screen.after(flow, 1000)
        screen.display.wake()
    assert symbols.made == 1
    flow.state = DENIED
    screen.display.finish(flow)
    assert not screen.display._rows
    screen.after(Flow(PENDING))
    assert symbols.made == 2


def test_next_code() -> None:
    """A new flow takes the old one's place at once. CL-05."""
    screen = Screen()
    first = screen.after(Flow(PENDING))
    assert screen.after(Flow(PENDING, user_code="BCDF-GHJK")) != first


def test_press() -> None:
    """A press draws the digits anew and nothing else, so that none is missed meanwhile. XD-20."""
    screen, flow = Screen(), number(typed="4")
    screen.after(flow)
    flow.count = "8"
    screen.after(flow)
    assert screen.flushed == 1
    tops = [y for _, y, _, _ in screen.panel.drawn]
    assert max(tops) < 20
    flow.typed, flow.count = "48", ""
    screen.after(flow)
    assert not screen.flushed


def test_paper_is_spared_presses() -> None:
    """On e-paper only a digit that is taken is drawn, so that no press is missed. XD-20."""
    screen, flow = Screen(paper=True), number()
    screen.after(flow)
    for flow.count in "1234":
        screen.after(flow, 60_000)
        assert not screen.flushed
    flow.typed, flow.count = "4", ""
    screen.after(flow)
    assert screen.flushed == 1


def test_number_after_code() -> None:
    """The number takes the place of symbol and code, and is not hidden with them. XD-20."""
    Symbols()
    screen, flow = Screen(hide_after_ms=30_000), number(return_code_length=0)
    screen.after(flow)
    flow.return_code_length = 4
    asked = screen.after(flow, 40_000)
    assert screen.panel.drawn[0] == (0, 0, 128, 64)
    fresh = number(left_ms=flow.left_ms)
    assert Screen().after(fresh) == asked


def test_number_without_words() -> None:
    """A flow that does not say how its digits are entered is shown all the same. XD-20."""
    screen = Screen()
    flow = Flow(PENDING, return_code_length=4, typed="")
    nothing = screen.after(flow)
    flow.typed = "04"
    assert screen.after(flow) != nothing


def test_close() -> None:
    """Closing leaves the last screen, for the application to draw over. CL-17."""
    screen = Screen()
    flow = Flow(DENIED)
    screen.display.finish(flow)
    screen.panel.drawn = []
    screen.display.close()
    assert not screen.panel.drawn


def test_never_outside() -> None:
    """No size, code or address makes it draw outside of the panel. CL-08."""
    Symbols()
    for width, height in SIZES:
        frame = framebuf.FrameBuffer(
            bytearray((width + 7) // 8 * height), width, height, framebuf.MONO_HLSB
        )
        for code in CODES:
            for address in ADDRESSES:
                panel = Panel(frame, width, height)
                display = show_framebuf.FrameBufferDisplay(panel, width, height, bool)
                display.show(Flow(STARTING))
                for left_ms in (600_000, 596_000):
                    flow = Flow(PENDING, left_ms=left_ms, user_code=code, verification_uri=address)
                    display.show(flow)
                display.finish(Flow(DENIED), "x" * 50)
        for length in (4, 8):
            display.show(number(return_code_length=length))
            display.show(number(return_code_length=length, typed="2" * length))
