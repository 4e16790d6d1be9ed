"""One sign-in at a server of any dialect, on CPython and MicroPython alike."""

import os

from device_client.run import Runner, fetch
from device_client.token_file import TokenFile


class Device:
    """A clock that moves by sleeping, and a display that keeps what it has to show."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.shown: list[str] = []
        self.asked_ms: list[int] = []

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        if flow.state == "PENDING" and not self.shown:
            self.shown = [flow.user_code, flow.verification_uri]

    def fetch(self, url, form, wait, idle):  # type: ignore[no-untyped-def]
        self.asked_ms.append(self.now_ms)
        return fetch(url, form, plain_http=True, idle=idle)  # type: ignore[no-untyped-call]


def sign_in(server: str, path: str) -> list[object]:
    """What was shown, when it asked, how it ended, and what is kept."""
    device = Device()
    token_file = TokenFile(path, server, "tv")
    metadata = {
        "device_authorization_endpoint": server + "/codes",
        "token_endpoint": server + "/token",
    }
    runner = Runner(
        metadata, device.fetch, token_file, device, device.ticks_ms, device.sleep_ms, os.urandom
    )
    flow = runner.start("tv", "profile")
    return [device.shown, device.asked_ms, flow.state, flow.error, sorted(token_file.load())]
