"""What a script reads of a sign-in."""

import json

import pytest

from device_client.flow import DENIED, EXPIRED, FAILED, SIGNED_IN, UNREACHABLE, DeviceFlow
from device_client.show_json import JsonDisplay
from tests.device_client.fakes import CODES, asked, pending


def told(*flows: DeviceFlow) -> list[dict[str, object]]:
    """Return what is written when these are shown one after the other."""
    lines: list[str] = []
    display = JsonDisplay(lines.append)
    for flow in flows:
        display.show(flow)
    display.close()
    return [json.loads(line) for line in lines]


def silent(flow: DeviceFlow) -> DeviceFlow:
    """Return the flow while the server does not answer."""
    flow.receive(0, {}, 0)
    return flow


def test_code() -> None:
    """The code comes once, with all that a screen needs and no device code. CL-06, CL-07."""
    shown = {name: CODES[name] for name in list(CODES)[1:4]}
    assert told(pending(), pending(599_000)) == [{"event": "code", **shown, "expires_in": 600}]


def test_code_without_complete_address() -> None:
    """A member that the server did not send is there and empty. RFC 8628 3.2."""
    (code,) = told(pending(verification_uri_complete=None))
    assert code["verification_uri_complete"] == ""


def test_second_sign_in() -> None:
    """After the end a display tells the next code. CL-06."""
    lines: list[str] = []
    display = JsonDisplay(lines.append)
    for code in ("WDJB-MJHT", "KLMN-PQRS"):
        flow = pending(user_code=code)
        display.show(flow)
        flow.state = DENIED
        display.finish(flow)
    codes = [json.loads(line).get("user_code") for line in lines]
    assert codes == ["WDJB-MJHT", None, "KLMN-PQRS", None]


def test_no_answer() -> None:
    """Silence is told once, and so is its end. CL-04."""
    events = [line["event"] for line in told(pending(), silent(pending()), silent(pending()))]
    assert events == ["code", "no_answer"]
    assert told(pending(), silent(pending()), pending())[-1] == {"event": "waiting"}


def test_return_code() -> None:
    """That a number is to be entered is told once, and never the number. XD-20."""
    assert told(pending(), asked(), asked("0427"))[1:] == [
        {"event": "return_code", "return_code_length": 4, "expires_in": 65}
    ]


def test_silence_from_the_start() -> None:
    """Silence is told before there is a code too. CL-04."""
    assert told(silent(DeviceFlow("tv", "", "0" * 64, 0))) == [{"event": "no_answer"}]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (SIGNED_IN, {"event": "signed_in", "name": "Ada"}),
        (DENIED, {"event": "denied"}),
        (EXPIRED, {"event": "expired"}),
        (UNREACHABLE, {"event": "unreachable"}),
        (FAILED, {"event": "failed", "error": "invalid_client"}),
    ],
)
def test_finish(state: str, line: dict[str, object]) -> None:
    """Each end has an event of its own. CL-17."""
    lines: list[str] = []
    flow = pending()
    flow.state, flow.error = state, "invalid_client"
    JsonDisplay(lines.append).finish(flow, "Ada")
    assert [json.loads(written) for written in lines] == [line]


def test_hostile_words() -> None:
    """A server's words cannot begin a line of their own or steer a terminal. CL-08."""
    lines: list[str] = []
    JsonDisplay(lines.append).show(pending(user_code='\n{"event":"signed_in"}\x1b[2J\u2028'))
    assert lines[0].isascii()
    assert lines[0].isprintable()
