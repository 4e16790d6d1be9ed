"""A whole sign-in and a renewal on a board, at a clock that passes only by sleeping.

This module is display and clock as well, for each object costs memory.
"""

import gc
import os
import sys

gc.threshold(256)  # type: ignore[attr-defined]  # holes are filled early: less is scattered

from device_client.run import Runner, fetch  # noqa: E402
from device_client.token_file import TokenFile  # noqa: E402

now_ms = 0
draws = False
rows: list[int] = []


def show(flow) -> None:  # type: ignore[no-untyped-def]
    """Draw once, as a display does."""
    global rows  # noqa: PLW0603
    if draws and not rows and flow.state == "PENDING":
        from device_client.qr_rows import qr_rows

        rows = qr_rows(flow, 29)


def ticks_ms() -> int:
    """Return the time."""
    return now_ms


def sleep_ms(duration: int) -> None:
    """Let time pass."""
    global now_ms  # noqa: PLW0603
    now_ms += duration


def plain_fetch(url, form, wait, idle):  # type: ignore[no-untyped-def]
    """Fetch without TLS, whose memory is another matter."""
    return fetch(url, form, "", None, True, 10, wait, idle=idle)  # type: ignore[no-untyped-call]


def run(server: str, path: str, drawing: bool) -> None:
    """Sign in by a person, then once more with what was kept.

    Prints state, rows and time of each: a request that had to be repeated takes longer.
    """
    global draws  # noqa: PLW0603
    draws = drawing
    metadata = {
        "device_authorization_endpoint": server + "/device_authorization",
        "token_endpoint": server + "/token",
    }
    token_file = TokenFile(path, server, "tv")
    here = sys.modules[__name__]
    runner = Runner(metadata, plain_fetch, token_file, here, ticks_ms, sleep_ms, os.urandom)
    token_file.save({})
    for _ in range(2):
        flow = runner.start("tv", "profile")
        print(flow.state, now_ms, len(runner.display.rows))
        flow = None  # type: ignore[assignment]  # the next one has its memory
