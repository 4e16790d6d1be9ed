"""A board's life as short as a program can be: it signs in, is switched off and on, calls an API.

Its clock moves by sleeping; who answers here does so at once.
"""

import os

from device_client.run import Runner, fetch
from device_client.session import Session
from device_client.show_text import TextDisplay
from device_client.token_file import TokenFile


class Clock:
    def __init__(self) -> None:
        self.now_ms = 0

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration


def live(issuer: str, path: str, wait: int, context: object = None) -> None:
    """Twice from power on to an answer of the API; polls are held for `wait` seconds."""

    def ask(url, form=None, bearer="", wait=0, idle=None):  # type: ignore[no-untyped-def]
        return fetch(url, form, bearer, context, not context, 5, wait and held, idle=idle)  # type: ignore[no-untyped-call]

    held = wait
    metadata = {
        "device_authorization_endpoint": issuer + "/device_authorization",
        "token_endpoint": issuer + "/token",
    }
    for _ in range(2):
        clock = Clock()
        token_file = TokenFile(path, issuer, "tv")
        display = TextDisplay()
        runner = Runner(
            metadata, ask, token_file, display, clock.ticks_ms, clock.sleep_ms, os.urandom
        )
        session = Session(runner, "tv", "profile")
        display.finish(session.sign_in())
        status, body = session.call(issuer + "/userinfo")
        print(status, b'"sub"' in body)
