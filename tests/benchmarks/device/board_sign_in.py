"""A whole sign-in and a renewal on a board, at a clock that passes only by sleeping."""

import os

from device_client.flow import PENDING
from device_client.run import Runner, fetch
from device_client.token_file import TokenFile


class World:
    """Display and clock in one, for each object costs memory."""

    def __init__(self, draws: bool) -> None:
        self.draws = draws
        self.rows: list[int] = []
        self.now_ms = 0

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        if self.draws and flow.state == PENDING and not self.rows:
            from device_client.qr_rows import qr_rows

            self.rows = qr_rows(flow, 29)

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration


def plain_fetch(url, form, wait, idle):  # type: ignore[no-untyped-def]
    """Fetch without TLS, whose memory is another matter."""
    return fetch(url, form, plain_http=True, wait=wait, idle=idle)  # type: ignore[no-untyped-call]


def run(server: str, path: str, draws: bool) -> None:
    """Sign in by a person, then once more with what was kept."""
    metadata = {
        "device_authorization_endpoint": server + "/device_authorization",
        "token_endpoint": server + "/token",
    }
    world = World(draws)
    token_file = TokenFile(path, server, "tv")
    runner = Runner(
        metadata, plain_fetch, token_file, world, world.ticks_ms, world.sleep_ms, os.urandom
    )
    token_file.save({})
    for _ in range(2):
        print(runner.start("tv", "profile").state, len(world.rows))
