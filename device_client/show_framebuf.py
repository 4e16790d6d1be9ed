"""The sign-in screen of a small display: QR code, user code, address and the time left.

    FrameBufferDisplay(oled, 128, 64, oled.show)

`oled` is whatever has `fill_rect(x, y, width, height, colour)`: a FrameBuffer of any format, or a
large display that writes straight to its panel because a whole frame does not fit into memory. The
size alone decides how a screen is laid out (framebuf_page.py).

MicroPython only.
"""

from .flow import DENIED, EXPIRED, PENDING, SIGNED_IN, UNREACHABLE
from .framebuf_page import Page
from .qr_rows import qr_rows
from .show_text import IDLE, outcome

# Headings, and symbols of seven rows of seven: a tick, a cross, an hourglass, a mark.
MARK = b"\x1c\x1c\x1c\x1c\x00\x1c\x1c"
ENDS = {
    SIGNED_IN: ("SIGNED IN", b"\x01\x03\x46\x6c\x78\x30\x00"),
    DENIED: ("DENIED", b"\x63\x77\x3e\x1c\x3e\x77\x63"),
    EXPIRED: ("EXPIRED", b"\x7f\x3e\x1c\x08\x14\x3e\x7f"),
    UNREACHABLE: ("NO ANSWER", MARK),
    IDLE: ("WELCOME", b"\x08\x0c\x0e\x7f\x0e\x0c\x08"),
}


class FrameBufferDisplay:
    """Draws on `framebuffer`, `width` by `height` pixels, and calls `flush()` when there is news.

    While a return code is entered its digits are shown in place of the code, with the words of the
    flow's `how` and, unless on paper, the digit that is in its `count`.

    lit, dark      the colour values of a bright and of a dark pixel
    paper          e-paper: dark words on a lit page that changes once a minute, not every second
    hide_after_ms  for so long a code is to be seen, until somebody calls `wake`; 0: always
    """

    _since_ms = 0
    _flow = None
    _rows = ()
    _shown = "", "", ""

    def __init__(  # type: ignore[no-untyped-def]
        self,
        framebuffer,
        width: int,
        height: int,
        flush,
        lit: int = 1,
        dark: int = 0,
        paper: bool = False,
        hide_after_ms: int = 0,
    ) -> None:
        self._page = Page(framebuffer.fill_rect, width, height, lit, dark, paper)
        self._flush = flush
        self._paper = paper
        self.hide_after_ms = hide_after_ms

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        """Draw what is new since the last call; cheap when nothing is."""
        last = "No answer"
        if flow.state != PENDING:
            self._show("STARTING", last if flow.backoff_ms else "Please wait")
            return
        page = self._page
        if flow is not self._flow:
            self._flow = flow
            self._rows = qr_rows(flow, page.field // 2 - 2)  # type: ignore[assignment]
            page.crowded = False
            self.wake()
        left_ms = max(0, flow.left_ms)
        self._since_ms = self._since_ms or left_ms
        if not flow.backoff_ms:
            if self._paper:
                last = "%d min left" % -(-left_ms // 60000)
            else:
                last = "%d:%02d" % divmod(-(-left_ms // 1000), 60)
        asked = getattr(flow, "return_code_length", 0)
        typed = getattr(flow, "typed", "")
        if asked or typed:
            if self._paper:
                last = ""
            else:
                typed += getattr(flow, "count", "")
            number = " ".join(typed + "_" * (asked - len(typed)))
            self._show(number, getattr(flow, "how", "Type the number"), last)
            return
        if 0 < self.hide_after_ms <= self._since_ms - left_ms:
            self._show("HIDDEN", "Press to show the code")
            return
        words = flow.verification_uri.replace("https://", "")
        if page.crowded and left_ms & 4096 and not self._paper:
            words = ""  # the symbol's turn, every four seconds
        self._show(flow.user_code, words, last, self._rows)

    def wake(self) -> None:
        """Show a hidden code again, with the next `show`."""
        self._since_ms = 0

    def finish(self, flow, name: str = "") -> None:  # type: ignore[no-untyped-def]
        """Say how it ended."""
        self._flow = None
        self._rows = ()
        heading, symbol = ENDS.get(flow.state, ("FAILED", MARK))
        self._show(heading, outcome(flow, name), "", symbol)

    def close(self) -> None:
        """Nothing to put back."""

    def _show(self, heading: str, words: str, last: str = "", rows=()) -> None:  # type: ignore[no-untyped-def]
        shown = heading, words, last
        before = self._shown
        if shown == before:
            return
        news = heading != before[0]
        # In its place goes what surely has room there.
        if words != before[1] or (news and (rows or heading[8:])):
            self._page.draw(heading, words, last, rows)
        else:
            if news:
                self._page.replace(0, heading)
            if last != before[2]:
                self._page.replace(-1, last)
        self._shown = shown
        self._flush()
