"""The blocking loop: joins the flow with a network, a clock, a display and a place for tokens.

All four come from outside, so a board, a laptop and a test run the same code.
"""

import json

from .flow import PENDING, SIGNED_IN, WAITING, DeviceFlow
from .renewal import Renewal

WAIT = 25  # seconds that a poll may be held; proxies end what is silent for 30
KEPT = ("access_token", "refresh_token")
STEP_MS = 200  # a display counts seconds, and a board feeds its watchdog, in between


class Runner:
    """Takes one client through sign-in and renewal.

    metadata     endpoints by their RFC 8414 names
    fetch        fetch(url, form, wait=, idle=) -> (status, body bytes), as in transport.py; OSError
                 or ValueError: no answer
    token_file   a `TokenFile`
    display      display.show(flow) is called after every step while the flow goes on
    ticks_ms     milliseconds; may wrap
    sleep_ms     sleeps, at most 200 ms at a time
    random       random(n) -> n bytes fit for secrets
    """

    def __init__(self, metadata, fetch, token_file, display, ticks_ms, sleep_ms, random) -> None:  # type: ignore[no-untyped-def]
        self.metadata = metadata
        self.fetch = fetch
        self.token_file = token_file
        self.display = display
        self.ticks_ms = ticks_ms
        self.sleep_ms = sleep_ms
        self.random = random

    def start(self, client_id: str, scope: str, tokens: dict[str, str]) -> DeviceFlow:
        """Renew the stored `tokens` if that can be done, else ask a person.

        The flow in its final state.
        """
        if tokens.get("refresh_token"):
            flow = self.drive(Renewal(client_id, tokens["refresh_token"], self.ticks_ms()))
            if flow.error != "invalid_grant":
                return flow
            self.token_file.forget()
        return self.drive(DeviceFlow(client_id, scope, self.random(32), self.ticks_ms()))

    def drive(self, flow: DeviceFlow) -> DeviceFlow:
        """Take `flow` to its final state.

        New tokens are on disk before anyone sees them; OSError if not.
        """
        state, wait_ms = flow.step(self.ticks_ms())
        while state in WAITING:
            self.display.show(flow)
            if wait_ms:
                self.sleep_ms(min(wait_ms, STEP_MS))
            else:
                status, body = self._post(flow)
                flow.receive(status, body, self.ticks_ms())
            state, wait_ms = flow.step(self.ticks_ms())
        if state == SIGNED_IN:
            self.token_file.save(
                {name: flow.tokens[name] for name in KEPT if flow.tokens.get(name)}
            )
        return flow

    def _post(self, flow: DeviceFlow) -> tuple[int, object]:
        def idle() -> None:
            flow.step(self.ticks_ms())
            self.display.show(flow)

        endpoint, form = flow.request()
        # Not after a failure: something on the way may end what is silent for so long.
        wait = WAIT if flow.state == PENDING and not flow.backoff_ms else 0
        try:
            status, body = self.fetch(self.metadata[endpoint], form, wait=wait, idle=idle)
        except (OSError, ValueError):
            return 0, None
        return status, parse(body)


def parse(body: bytes) -> object:
    """The JSON value, None when it is none (RecursionError: brackets by the thousand)."""
    try:
        return json.loads(body)
    except (ValueError, RuntimeError):
        return None
