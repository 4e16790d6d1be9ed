"""The lines of a serial console."""

import pytest

from device_client.flow import DENIED, EXPIRED, FAILED, SIGNED_IN, UNREACHABLE, DeviceFlow
from device_client.show_text import TextDisplay, outcome, printable
from tests.device_client.conftest import OnBoard
from tests.device_client.fakes import asked, pending


def test_lines() -> None:
    """Address and code once, then the time left, once a minute. CL-06."""
    lines: list[str] = []
    display = TextDisplay(lines.append)
    flow = pending(left_ms=120_000)
    for left_ms in (120_000, 119_000, 60_001, 60_000, 1_000, 0, -1_000):
        flow.left_ms = left_ms
        display.show(flow)
    assert lines == [
        "To sign in, open  https://tv.example.com/device",
        "and enter         WDJB-MJHT",
        "2 min left",
        "1 min left",
    ]


def test_return_code() -> None:
    """That a number is to be entered is told once; no line lands amid its digits. XD-20."""
    lines: list[str] = []
    display = TextDisplay(lines.append)
    for flow in (pending(left_ms=60_000), asked(), asked("04"), asked("042")):
        display.show(flow)
    flow.left_ms = 9_000
    display.show(flow)
    assert lines[2:] == [
        "1 min left",
        "Within 2 min enter here the 4 digits on your phone.",
    ]


def test_wrong_number() -> None:
    """Who entered a number and is denied may have denied nothing. XD-20, CL-17."""
    flow = asked()
    flow.enter("0427")
    flow.receive(400, {"error": "access_denied"}, 0)
    assert outcome(flow) == "The number was wrong, or sign-in was denied."


def test_nothing_before_the_code() -> None:
    """While there is no code there is nothing to say. CL-05."""
    lines: list[str] = []
    TextDisplay(lines.append).show(DeviceFlow("tv", "profile", "0" * 64, 0))
    assert lines == []


@pytest.mark.parametrize(
    ("state", "name", "sentence"),
    [
        (SIGNED_IN, "", "Signed in."),
        (SIGNED_IN, "Ada", "Signed in as Ada."),
        (SIGNED_IN, "A\x1b[2Jda", "Signed in as A?[2Jda."),
        (DENIED, "", "Sign-in was denied."),
        (EXPIRED, "", "The code has expired. Start again for a new one."),
        (UNREACHABLE, "", "The server does not answer."),
        (FAILED, "", "Sign-in failed: invalid_client."),
    ],
)
def test_outcome(state: str, name: str, sentence: str) -> None:
    """Each end has a sentence of its own. CL-17."""
    flow = pending()
    flow.state, flow.error = state, "invalid_client"
    assert outcome(flow, name) == sentence
    lines: list[str] = []
    TextDisplay(lines.append).finish(flow, name)
    assert lines == [sentence]


def test_printable() -> None:
    """Letters of any language stay; what steers a terminal does not. CL-08."""
    assert printable("Zoë Ж 漢 \x1b]0;x\x07\r\n\x7f\x9b") == "Zoë Ж 漢 ?]0;x?????"


def test_half_of_a_pair() -> None:
    """What is no letter, and no stream can write, is not printed. CL-08."""
    assert printable("A\ud800\udfffB \ud7ff\ue000 \U0001f4fa") == "A??B \ud7ff\ue000 \U0001f4fa"


def test_half_of_a_pair_on_a_board(on_board: OnBoard) -> None:
    """Nor on MicroPython. CL-08."""
    code = r"""
from device_client.show_text import printable
print(printable("A\ud800\udfffB \ud7ff\ue000") == "A??B \ud7ff\ue000")
"""
    assert on_board(code) == "True\n"


def test_on_a_board(on_board: OnBoard) -> None:
    """The same lines on MicroPython. CL-06."""
    code = """
from device_client.flow import DeviceFlow
from device_client.show_text import TextDisplay
flow = DeviceFlow("tv", "profile", "0" * 64, 0)
flow.receive(200, {"device_code": "d", "user_code": "WDJB", "verification_uri": "https://a.b",
    "expires_in": 90}, 0)
display = TextDisplay()
display.show(flow)
flow.receive(400, {"error": "access_denied"}, 0)
display.finish(flow)
"""
    assert on_board(code).splitlines() == [
        "To sign in, open  https://a.b",
        "and enter         WDJB",
        "2 min left",
        "Sign-in was denied.",
    ]
