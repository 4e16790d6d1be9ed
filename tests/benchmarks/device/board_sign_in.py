"""A whole sign-in and a renewal on a board, at a clock that passes only by sleeping.

This module, a board's main.py, is display and clock as well, for each object costs memory.
"""

import gc
import os

gc.threshold(256)  # type: ignore[attr-defined]  # holes are filled early: less is scattered

from device_client import run as client  # noqa: E402
from device_client.token_file import TokenFile  # noqa: E402

now_ms = 0
rows = ()


def show(flow) -> None:  # type: ignore[no-untyped-def]
    """Show nothing: board_drawing.py is the display that draws."""


def ticks_ms() -> int:
    """Return the time."""
    return now_ms


def sleep_ms(ms: int) -> None:
    """Let time pass."""
    global now_ms  # noqa: PLW0603
    now_ms += ms


def fetch(url, form, wait, idle):  # type: ignore[no-untyped-def]
    """Fetch without TLS, whose memory is another matter."""
    return client.fetch(url, form, "", None, True, 10, wait, idle=idle)  # type: ignore[no-untyped-call]


def make(server: str, display) -> client.Runner:  # type: ignore[no-untyped-def]
    """Join them all; in a function of its own, whose frame is free again afterwards."""
    metadata = {
        "device_authorization_endpoint": server + "/device_authorization",
        "token_endpoint": server + "/token",
    }
    token_file = TokenFile("tokens", server, "tv")
    token_file.save({})
    return client.Runner(metadata, fetch, token_file, display, ticks_ms, sleep_ms, os.urandom)


def run(server: str, display) -> None:  # type: ignore[no-untyped-def]
    """Sign in by a person, then once more with what was kept.

    Prints state, time and rows of each: a request that had to be repeated takes longer.
    """
    runner = make(server, display)
    for _ in range(2):
        flow = runner.start("tv", "profile")
        print(flow.state, now_ms, len(runner.display.rows))
        flow = None  # type: ignore[assignment]  # the next one has its memory
