"""A program with two tasks on both Pythons: one signs in, and meanwhile the other does its work."""

import asyncio
import os

from device_client.flow import PENDING
from device_client.run_async import AsyncRunner, fetch
from device_client.token_file import TokenFile


class Program:
    """Its clock moves by sleeping; the work is to fetch the person, at the third turn."""

    def __init__(self, issuer: str, path: str) -> None:
        self.issuer = issuer
        self.token_file = TokenFile(path, issuer, "tv")
        self.now_ms = 0
        self.turns = 0
        self.polling = False

    def ticks_ms(self) -> int:
        return self.now_ms

    async def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration
        await asyncio.sleep(0)

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        """Shows nothing."""

    async def ask(self, url, form, wait, idle):  # type: ignore[no-untyped-def]
        self.polling = "device_code" in form
        answer = await fetch(url, form, plain_http=True, wait=wait, idle=idle)  # type: ignore[no-untyped-call]
        self.polling = False
        return answer

    async def work(self) -> None:
        while self.turns < 3:
            await asyncio.sleep(0.01)
            self.turns += self.polling
        await fetch(self.issuer + "/person", plain_http=True)  # type: ignore[no-untyped-call]

    async def live(self) -> tuple[str, int]:
        """The state at the end, and the turns that the other task had while a poll was held."""
        metadata = {
            "device_authorization_endpoint": self.issuer + "/device_authorization",
            "token_endpoint": self.issuer + "/token",
        }
        runner = AsyncRunner(
            metadata, self.ask, self.token_file, self, self.ticks_ms, self.sleep_ms, os.urandom
        )
        work = asyncio.create_task(self.work())
        flow = await runner.start("tv", "profile")
        await work
        assert flow.state != PENDING
        return flow.state, self.turns


def live(issuer: str, path: str) -> tuple[str, int]:
    """Live through one sign-in."""
    return asyncio.run(Program(issuer, path).live())


def open_files(url: str) -> list[int]:
    """How many files are open more than before: after answers, after a task that was cancelled."""
    return asyncio.run(_open_files(url))


async def _open_files(url: str) -> list[int]:
    before = _count()
    for _ in range(3):
        await fetch(url + "/device_authorization", plain_http=True)  # type: ignore[no-untyped-call]
    answered = _count()
    silent = fetch(url + "/silence", plain_http=True)  # type: ignore[no-untyped-call]
    task = asyncio.create_task(silent)
    await asyncio.sleep(0.01)
    task.cancel()
    try:  # noqa: SIM105 - MicroPython has no contextlib
        await task
    except asyncio.CancelledError:
        pass
    return [answered - before, _count() - before]


def _count() -> int:
    return len(os.listdir("/dev/fd"))  # noqa: PTH208 - MicroPython has no pathlib
