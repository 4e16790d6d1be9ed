"""The loop of run.py for asyncio: a program goes on with other things while a person signs in.

Looking a host up, connecting and the TLS handshake still block, as they do in MicroPython's own
streams; waiting does not.
"""

from asyncio import sleep

from .flow import SIGNED_IN, WAITING, DeviceFlow
from .renewal import Renewal
from .run import STEP_MS, Runner, wait
from .transport import request


class AsyncRunner(Runner):
    """As `Runner`, but `fetch` and `sleep_ms` are coroutines, and so are `start` and `drive`."""

    async def start(self, client_id: str, scope: str) -> DeviceFlow:  # type: ignore[override]
        """As `Runner.start`."""
        flow = await self.renew(client_id)
        if flow:
            return flow
        flow = await self.drive(self.asking(client_id, scope))
        if flow.state != SIGNED_IN:
            self.token_file.save({})
        return flow

    async def renew(self, client_id: str) -> DeviceFlow | None:  # type: ignore[override]
        """As `Runner.renew`."""
        token = ""
        while True:
            kept = self.token_file.load().get("refresh_token", "")
            if kept == token:
                break
            token = kept
            flow = await self.drive(Renewal(client_id, token, self.ticks_ms()))
            if flow.error != "invalid_grant":
                return flow
        if token:
            self.token_file.save({})
        return None

    async def drive(self, flow: DeviceFlow) -> DeviceFlow:  # type: ignore[override]
        """As `Runner.drive`."""

        def show() -> int:
            wait_ms = flow.step(self.ticks_ms())[1]
            self.display.show(flow)
            return wait_ms

        while flow.state in WAITING:
            wait_ms = show()
            if wait_ms:
                await self.sleep_ms(min(wait_ms, STEP_MS))
                continue
            endpoint, form = flow.request()
            try:
                answer = await self.fetch(self.metadata[endpoint], form, wait=wait(flow), idle=show)
            except (OSError, ValueError):
                answer = (0, b"")
            self.take(flow, *answer)
        return flow


async def fetch(*arguments, idle=None, **options):  # type: ignore[no-untyped-def]
    """As `run.fetch`."""
    options["step_ms"] = 0
    steps = request(*arguments, **options)
    try:
        for answer in steps:
            if not answer:
                if idle:
                    idle()
                await sleep(STEP_MS / 1000)
        return answer
    except MemoryError:
        raise OSError(12) from None
    finally:
        steps.close()  # when the task is cancelled: MicroPython never does so by itself
