"""What a device does in its life, on CPython and MicroPython alike; its clock moves by sleeping."""

import os

from device_client.discovery import discover
from device_client.flow import SIGNED_IN
from device_client.run import Runner, fetch
from device_client.session import Session
from device_client.show_text import TextDisplay
from device_client.token_file import TokenFile


class Device:
    """Finds its server, signs in, is switched off and on, and calls an API; notes all in `lines`.

    `astray` are addresses to ask instead of the issuer's, by step: for each step one after the
    other, then the right one.
    """

    def __init__(self, issuer: str, path: str, astray: dict[str, list[str]], ticks_ms: int) -> None:
        self.scope = "profile"
        self.issuer = issuer
        self.path = path
        self.astray = astray
        self.now_ms = ticks_ms
        self.began_ms = ticks_ms
        self.lines: list[str] = []

    def ticks_ms(self) -> int:
        return self.now_ms & 0x3FFFFFFF  # as boards count

    def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration

    def note(self, *words: object) -> None:
        self.lines.append(" ".join([str(word) for word in words]))

    def fetch(self, url, form=None, bearer="", wait=0, idle=None):  # type: ignore[no-untyped-def]
        """As `run.fetch`, with little patience: whoever answers here does so at once."""
        step = url.split("/")[-1]
        if form and "token" in step:
            step = "poll" if "device_code" in form else "refresh"
        addresses = self.astray.get(step)
        if addresses:
            url = url.replace(self.issuer, addresses.pop(0))
        try:
            status, body = fetch(url, form, bearer, None, True, 1, 0, idle=idle, step_ms=0)  # type: ignore[no-untyped-call]
        except Exception as problem:
            self.note(self.now_ms - self.began_ms, step, type(problem).__name__)
            raise
        self.note(self.now_ms - self.began_ms, step, status)
        return status, body

    def found(self) -> dict[str, object]:
        """The metadata, asked for until it is there, as device_client/board.py does."""
        self.began_ms = self.now_ms
        while True:
            try:
                return discover(self.issuer, self.fetch, True)
            except (OSError, ValueError):
                self.sleep_ms(2000)

    def session(self) -> Session:
        """The device, just switched on."""
        metadata = self.found()
        token_file = TokenFile(self.path, self.issuer, "tv")
        display = TextDisplay(self.note)
        return Session(
            Runner(
                metadata,
                self.fetch,
                token_file,
                display,
                self.ticks_ms,
                self.sleep_ms,
                os.urandom,
            ),
            "tv",
            self.scope,
        )

    def sign_in(self) -> Session:
        """Sign in; after a failure once more, as a person would try."""
        session = self.session()
        for _ in range(2):
            self.began_ms = self.now_ms
            flow = session.sign_in()
            self.note(flow.state, flow.error)
            if flow.state == SIGNED_IN:
                break
        return session


def live(
    issuer: str,
    path: str,
    astray: dict[str, list[str]] | None = None,
    ticks_ms: int = 0,
    scope: str = "profile",
) -> list[str]:
    """Sign in, switch off and on, call the API; what was noted meanwhile."""
    device = Device(issuer, path, astray or {}, ticks_ms)
    device.scope = scope
    device.sign_in()
    device.note("switched off")
    session = device.sign_in()
    status, body = session.call(issuer + "/userinfo")
    device.note(status, b"sub" in body)
    return device.lines
