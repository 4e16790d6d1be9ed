"""Every screen of `FrameBufferDisplay`, drawn with MicroPython's framebuf. Runs on a board only."""

import framebuf

from device_client.button_digits import ButtonFlow
from device_client.flow import DENIED, EXPIRED, FAILED, PENDING, SIGNED_IN, STARTING, UNREACHABLE
from device_client.show_framebuf import FrameBufferDisplay


class Flow:
    """As much of a `DeviceFlow` as a display may look at: who asks for the device code fails."""

    # Only of those that can take a return code.
    return_code_length: int
    typed: str
    count: str

    def __init__(self, state: str, **changes: object) -> None:
        self.state = state
        self.user_code = "WDJB-MJHT"
        self.verification_uri = "https://tv.example.com/device"
        self.verification_uri_complete = ""
        self.verification_qr = None
        self.left_ms = 592_000
        self.backoff_ms = 0
        self.error = ""
        self.grant: dict[str, str] = {}
        for name, value in changes.items():
            setattr(self, name, value)

    @property
    def device_code(self) -> str:
        raise AssertionError("the device code is nobody's business")


class Panel:
    """Only what a display must have; it fails when anything is drawn outside of it."""

    def __init__(self, frame: framebuf.FrameBuffer, width: int, height: int) -> None:
        self._frame = frame
        self._size = width, height
        self.drawn: list[tuple[int, int, int, int]] = []

    def fill_rect(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        assert 0 <= x < x + width <= self._size[0], (x, width)
        assert 0 <= y < y + height <= self._size[1], (y, height)
        self.drawn.append((x, y, width, height))
        self._frame.fill_rect(x, y, width, height, colour)


def flows(symbol: dict[str, object], large_symbol: dict[str, object]) -> list[tuple[str, Flow]]:
    """Return each scene by name; the symbols are of versions 2 and 3, as the server sends them."""
    small = {"verification_qr": symbol}
    large = {"verification_qr": large_symbol}
    too_long = "https://tv.example.com/" + "x" * 400
    library = "https://pairlight.library.example.org/device"
    address = "https://an.address.of.exactly/40-characters/long"
    return [
        ("starting", Flow(STARTING)),
        ("starting-no-answer", Flow(STARTING, backoff_ms=12000)),
        ("pending", Flow(PENDING, **small)),
        ("pending-no-answer", Flow(PENDING, backoff_ms=12000, **small)),
        ("pending-wide-letters", Flow(PENDING, user_code="WMWM-XMWM", **small)),
        ("pending-version-3", Flow(PENDING, **large)),
        ("pending-long-address", Flow(PENDING, verification_uri=library, **large)),
        (
            "pending-long-address-2",
            Flow(PENDING, verification_uri=library, left_ms=600_000, **large),
        ),
        (
            "pending-odd-code",
            Flow(
                PENDING,
                user_code="wdjb_0Oil1-x7!?",
                verification_uri=address,
                verification_uri_complete=too_long,
            ),
        ),
        ("number", number()),
        ("number-pressed", number(typed="48")),
        ("number-sent", number(typed="4837", return_code_length=0)),
        ("hidden", Flow(PENDING, **small)),
        ("denied", Flow(DENIED)),
        ("wrong-number", Flow(DENIED, grant={"return_code": "4837"})),
        ("expired", Flow(EXPIRED)),
        ("failed", Flow(FAILED, error="invalid_client")),
        ("unreachable", Flow(UNREACHABLE)),
        ("signed-in", Flow(SIGNED_IN)),
    ]


def number(**changes: object) -> Flow:
    """Return a flow whose return code is entered by the button."""
    flow = Flow(PENDING, return_code_length=4, typed="", count="", how=ButtonFlow.how)
    for name, value in changes.items():
        setattr(flow, name, value)
    return flow


def draw(  # type: ignore[no-untyped-def]
    name: str, flow: Flow, memory: bytearray, kind: int, width: int, height: int, **options
) -> None:
    """Put one scene into `memory`, as it is two seconds after it came up."""
    panel = Panel(framebuf.FrameBuffer(memory, width, height, kind), width, height)
    hide_after_ms = 1000 if name == "hidden" else 0
    display = FrameBufferDisplay(
        panel, width, height, lambda: None, hide_after_ms=hide_after_ms, **options
    )
    if flow.state in (STARTING, PENDING):
        display.show(flow)
        flow.left_ms -= 2000
        if name == "number-pressed":
            flow.count = "3"
        display.show(flow)
    else:
        display.finish(flow, "Ada Lovelace")


def run(kind: str, size: int, width: int, height: int, symbols, options) -> None:  # type: ignore[no-untyped-def]
    """Print a line for each scene: its name and the display's memory in hexadecimal."""
    for name, flow in flows(*symbols):
        memory = bytearray(size)
        draw(name, flow, memory, getattr(framebuf, kind), width, height, **options)
        print(name, end=" ")
        for at in range(0, size, 512):
            print(memory[at : at + 512].hex(), end="")
        print()
