"""A sign-in that fills the terminal, for a television across the room. CPython only.

Nothing is scrolled: the screen from before is back when it closes.
"""

import os
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from device_client.flow import PENDING, SIGNED_IN, DeviceFlow
from device_client.qr_rows import qr_rows
from device_client.show_text import TextDisplay, outcome, printable

from .fullscreen_layout import Screen, Told
from .keyboard import WithKeyboard
from .look import Look, Row, look_of, terminal_size, writable, write_line
from .terminal_mode import TerminalMode
from .waiting import Lifetime, digits, going_on

# The other screen, cleared, without cursor, and without a line that wraps in its last column.
BEGIN = "\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?7l"
END = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
LARGEST_SYMBOL = 53  # modules a side: version 9
URGENT_MS = 60_000
STAY_MS, STEP_MS = 4000, 200


def open_fullscreen(
    stream: TextIO, environ: Mapping[str, str] = os.environ, keys: TextIO | None = None
) -> WithKeyboard:
    """The whole screen when `stream` is a terminal, else plain lines.

    What is typed comes from `keys`, by default from that terminal.
    """
    display: FullscreenDisplay | TextDisplay
    if stream.isatty() and environ.get("TERM") != "dumb":
        display = FullscreenDisplay(stream, look_of(stream, color=not environ.get("NO_COLOR")))
    else:
        display = TextDisplay(lambda line: write_line(line, stream))
    return WithKeyboard(display, keys or (stream if stream.isatty() else None))


class FullscreenDisplay:
    """Draws on `stream`, and anew when its size has changed.

    `sleep(seconds)` passes the time for which an outcome stays.
    """

    def __init__(
        self, stream: TextIO, look: Look, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._stream = stream
        self._look = look
        self._sleep = sleep
        self._mode = TerminalMode(stream, BEGIN, END, self._forget)
        self._lifetime = Lifetime()
        self._symbol: list[int] = []
        self._size = (0, 0)
        self._arranged: list[Row] = []
        self._drawn: list[str] = []
        self._said: object = None
        self._outcome = ""

    def show(self, flow: DeviceFlow) -> None:
        """Draw what is new since the last call; the size is looked at each time."""
        if flow.state != PENDING:
            self._draw(("connecting", flow.backoff_ms > 0), lambda: self._connecting(flow))
            return
        if not self._lifetime.ms:
            self._symbol = qr_rows(flow, LARGEST_SYMBOL)
        self._lifetime.follow(flow)
        seconds = (max(0, flow.left_ms) + 999) // 1000
        said = (seconds, going_on(flow), digits(flow))
        self._draw(said, lambda: self._waiting(flow, seconds))

    def finish(self, flow: DeviceFlow, name: str = "") -> None:
        """Say how it ended, for as long as it takes to read; then give the terminal back."""
        self._outcome = writable(outcome(flow, name), self._stream)
        mark = "good" if flow.state == SIGNED_IN else "bad"
        try:
            for _ in range(0, STAY_MS, STEP_MS):
                self._draw(mark, lambda: self._screen().message(mark, self._outcome))
                self._sleep(STEP_MS / 1000)
        except KeyboardInterrupt:  # enough
            pass
        self.close()

    def close(self) -> None:
        """Give the terminal back, with a line that stays."""
        self._mode.leave()
        if self._outcome:
            print(self._outcome, file=self._stream, flush=True)
        self._outcome = ""
        self._lifetime = Lifetime()  # whatever comes next is another sign-in
        self._arranged = []
        self._forget()

    def _screen(self) -> Screen:
        return Screen(self._size, self._look)

    def _connecting(self, flow: DeviceFlow) -> list[str]:
        dots = " …" if self._look.blocks else " ..."
        what = "No answer yet, trying again" if flow.backoff_ms else "Connecting"
        return self._screen().message("", what + dots)

    def _waiting(self, flow: DeviceFlow, seconds: int) -> list[str]:
        screen = self._screen()
        number = digits(flow)
        if number:
            rows = screen.digits(going_on(flow), number)
            return screen.waiting(rows, self._status("", flow, seconds, screen.width))
        if not self._arranged:
            told = Told(self._word(flow.verification_uri), self._word(flow.user_code), self._symbol)
            self._arranged = screen.arranged(told)
        status = self._status(going_on(flow) + "  ", flow, seconds, screen.width)
        return screen.waiting(self._arranged, status)

    def _word(self, text: str) -> str:
        return writable(printable(text), self._stream)

    def _status(self, what: str, flow: DeviceFlow, seconds: int, width: int) -> Row:
        clock = f"{seconds // 60}:{seconds % 60:02}"
        room = width - len(what) - len(clock) - 2
        color = "late" if flow.backoff_ms or flow.left_ms <= URGENT_MS else "good"
        if room < 1:
            return self._look.row(f"{clock} {what}".rstrip()[:width], color)
        filled = min(room, room * max(0, flow.left_ms) // self._lifetime.ms)
        full, empty = "━─" if self._look.blocks else "=-"
        parts = (
            self._look.row(what, color if flow.backoff_ms else ""),
            self._look.row(full * filled, color),
            self._look.row(empty * (room - filled), "quiet"),
            self._look.row("  " + clock, color, bold=True),
        )
        return Row("".join(part.text for part in parts), width)

    def _draw(self, said: object, rows: Callable[[], list[str]]) -> None:
        """Write the rows that changed, if there is something new to say or another size."""
        self._mode.enter()
        size = terminal_size(self._stream)
        if size != self._size:
            self._forget()
            self._arranged = []
        self._size = size
        if said == self._said:
            return
        self._said = said
        drawn = rows()
        old = self._drawn or [""] * len(drawn)
        for line, (row, before) in enumerate(zip(drawn, old, strict=True), 1):
            if row != before:
                self._stream.write(f"\x1b[{line};1H{row}")
        self._stream.flush()
        self._drawn = drawn

    def _forget(self) -> None:
        self._drawn = []
        self._said = None
