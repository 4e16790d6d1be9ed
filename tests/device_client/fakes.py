"""A world for the loop: a clock that sleeping moves, a scripted server, a display that notes."""

import json
from collections.abc import Callable

from device_client.flow import PENDING, DeviceFlow
from device_client.return_code import ReturnCodeFlow

Answer = tuple[int, object] | Exception

CODES = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://tv.example.com/device",
    "verification_uri_complete": "https://tv.example.com/device?user_code=WDJB-MJHT",
    "expires_in": 600,
    "interval": 5,
}
TOKENS = {
    "access_token": "SECRET-access",
    "token_type": "Bearer",
    "refresh_token": "SECRET-refresh",
}
ASKED = {"error": "authorization_pending", "return_code_length": 4, "expires_in": 65}
METADATA: dict[str, object] = {
    "device_authorization_endpoint": "https://as.example/device_authorization",
    "token_endpoint": "https://as.example/token",
}


def pending(left_ms: int = 600_000, **codes: object) -> DeviceFlow:
    """Return a flow that waits for a person."""
    flow = DeviceFlow("tv", "profile", "0" * 64, 0)
    flow.receive(200, CODES | codes, 0)
    assert flow.state == PENDING
    flow.left_ms = left_ms
    return flow


def asked(typed: str = "", **codes: object) -> ReturnCodeFlow:
    """Return a flow that asks for the return code, of which some digits are there."""
    flow = ReturnCodeFlow("tv", "profile", "0" * 64, 0)
    flow.receive(200, CODES | codes, 0)
    flow.request()
    flow.receive(400, dict(ASKED), 0)
    assert flow.return_code_length == 4
    flow.typed = typed
    return flow


class Clock:
    """Milliseconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.naps: list[int] = []

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.naps.append(duration)
        self.now_ms += duration


class World(Clock):
    """A server that gives the next of `answers` to each request, and notes when it was asked.

    An answer is a status and what goes into JSON, or an error to raise; `before` runs before each.
    `holds` are the seconds for which each is held, at most as long as the client waits; `waits` is
    how long that was.
    """

    def __init__(self, *answers: Answer, before: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.requests: list[tuple[int, str, dict[str, str]]] = []
        self.waits: list[int] = []
        self.holds: list[int] = []
        self._answers = list(answers)
        self._before = before

    def fetch(
        self, url: str, form: dict[str, str], wait: int, idle: Callable[[], None]
    ) -> tuple[int, bytes]:
        self._before()
        self.requests.append((self.now_ms, url, form))
        self.waits.append(wait)
        idle()
        for _ in range(5 * min(wait, self.holds.pop(0) if self.holds else 0)):
            self.now_ms += 200
            idle()
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


class Display:
    """Keeps the states it was shown."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def show(self, flow: DeviceFlow) -> None:
        self.states.append(flow.state)
