"""A board's life with a return code, its display and its button; its clock moves by sleeping.

The button is pressed at the start, and then as often as the digits say that are in the file
`number`.
"""

import framebuf

from device_client.board import Board
from device_client.show_framebuf import FrameBufferDisplay
from device_client.token_file import TokenFile

PRESS_MS, GAP_MS, PAUSE_MS = 80, 120, 3000
LONG_MS = 700_000


class Clock:
    def __init__(self) -> None:
        self.now_ms = 0

    def gmtime(self) -> tuple[int, ...]:
        return (2026,)

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration


class Hand:
    """Knows when the button is down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._presses = [0]
        self._read = False

    def pressed(self) -> bool:
        now_ms = self._clock.now_ms
        if now_ms > LONG_MS:
            raise SystemExit
        if not self._read:
            self._look_at_the_phone()
        while self._presses and now_ms >= self._presses[0] + PRESS_MS:
            self._presses.pop(0)
        return bool(self._presses) and now_ms >= self._presses[0]

    def _look_at_the_phone(self) -> None:
        try:
            with open("number") as file:  # noqa: PTH123 - MicroPython has no pathlib
                number = file.read()
        except OSError:
            return
        self._read = True
        at = self._clock.now_ms + PAUSE_MS
        for digit in number:
            for _ in range(int(digit) or 10):
                self._presses.append(at)
                at += PRESS_MS + GAP_MS
            at += PAUSE_MS


class Station:
    """A network that is always there."""

    STA_IF = 0

    def WLAN(self, interface: int) -> "Station":  # noqa: N802
        return self

    def isconnected(self) -> bool:
        return True


class Display(FrameBufferDisplay):
    """An OLED; the heading of how it ended is printed."""

    def finish(self, flow, name: str = "") -> None:  # type: ignore[no-untyped-def]
        super().finish(flow, name)
        print(self._shown[0])


def open_display() -> Display:
    frame = framebuf.FrameBuffer(bytearray(1024), 128, 64, framebuf.MONO_VLSB)
    return Display(frame, 128, 64, bool)


def use(status: int, body: bytes) -> None:
    print("The API answers", status)
    raise SystemExit


def live() -> None:
    """From power on to an answer of the API, or for a few minutes."""
    clock = Clock()
    Board(
        network=Station(),
        set_time=bool,
        pressed=Hand(clock).pressed,
        watchdog=bool,
        open_tokens=lambda issuer, client_id: TokenFile("tokens.json", issuer, client_id),
        open_display=open_display,
        use=use,
        clock=clock,
    ).run()
