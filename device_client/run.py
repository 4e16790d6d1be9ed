"""The blocking loop: joins the flow with a network, a clock, a display and a place for tokens.

All four come from outside, so a board, a laptop and a test run the same code.
"""

import json

from .flow import PENDING, SIGNED_IN, WAITING, DeviceFlow
from .transport import request

try:
    from .desktop_sockets import collect
except ImportError:  # MicroPython, which lets go of nothing until it must
    from gc import collect  # type: ignore[assignment]

WAIT = 25  # seconds that a poll may be held; proxies end what is silent for 30
STEP_MS = 200  # a display counts seconds, and a board feeds its watchdog, in between


class Runner:
    """Takes one client through sign-in and renewal.

    metadata     endpoints by their RFC 8414 names
    fetch        fetch(url, form, wait=, idle=) -> (status, body bytes), as below; OSError or
                 ValueError: no answer
    token_file   a `TokenFile`
    display      display.show(flow) is called after every step while the flow goes on
    ticks_ms     milliseconds; may wrap
    sleep_ms     sleeps, at most 200 ms at a time
    random       random(n) -> n bytes fit for secrets
    """

    flow_type = DeviceFlow  # what asks a person

    def __init__(self, metadata, fetch, token_file, display, ticks_ms, sleep_ms, random) -> None:  # type: ignore[no-untyped-def]
        self.metadata = metadata
        self.fetch = fetch
        self.token_file = token_file
        self.display = display
        self.ticks_ms = ticks_ms
        self.sleep_ms = sleep_ms
        self.random = random

    def start(self, client_id: str, scope: str) -> DeviceFlow:
        """Sign in with what the token file has kept, else by a person; the flow in its final state.

        Kept tokens are renewed. Codes of a sign-in that a restart cut short are asked about again.
        """
        flow = self.renew(client_id)
        if flow:
            return flow
        flow = self.asking(client_id, scope)
        self.drive(flow)
        if flow.state != SIGNED_IN:
            self.token_file.save({})  # its codes have come to nothing
        return flow

    def renew(self, client_id: str) -> DeviceFlow | None:
        """Renew the kept tokens; the flow in its final state.

        None when there are none, or the server has refused them: those are forgotten. When somebody
        else has put another refresh token in their place meanwhile, that one is tried.
        """
        token = ""
        while True:
            collect()  # what was before: a token is long
            kept = self.token_file.load().get("refresh_token", "")
            if kept == token:
                break
            from .renewal import Renewal  # a board that signs in anew has its memory for the symbol

            token = kept
            flow = Renewal(client_id, token, self.ticks_ms())
            self.drive(flow)
            if flow.error != "invalid_grant":
                return flow
        if token:
            self.token_file.save({})
        return None

    def asking(self, client_id: str, scope: str) -> DeviceFlow:
        """The flow that asks a person, with the codes of the last one if it was cut short.

        Codes for another scope are left alone.
        """
        kept = self.token_file.load()
        if kept.get("scope") != scope:
            kept = {}
        verifier = kept.get("code_verifier") or self.random(32).hex()
        flow = self.flow_type(client_id, scope, verifier, self.ticks_ms())
        if "device_code" in kept:
            flow.receive(200, kept, flow.now_ms)
        return flow

    def drive(self, flow: DeviceFlow) -> DeviceFlow:
        """Take `flow` to its final state.

        Codes and tokens are kept before anyone sees them; OSError if they cannot be.
        """

        self.flow = flow
        while flow.state in WAITING:
            wait_ms = self._show()
            if wait_ms:
                self.sleep_ms(min(wait_ms, STEP_MS))
            else:
                self.take(flow, *self._answer())
        # A board needs the memory for the next one, and MicroPython's del would keep it.
        self.flow = None  # type: ignore[assignment]
        return flow

    def _show(self) -> int:
        wait_ms = self.flow.step(self.ticks_ms())[1]
        self.display.show(self.flow)
        return wait_ms

    def _answer(self) -> tuple[int, bytes]:
        endpoint, form = self.flow.request()
        try:
            url = self.metadata[endpoint]
            status, body = self.fetch(url, form, wait=wait(self.flow), idle=self._show)
        except (OSError, ValueError):
            return 0, b""
        # Parsing takes more than the body does, in large pieces. What the request needed lay below
        # the body: let go of that and move the body there, so all that is free is together.
        collect()
        try:
            return status, bytes(memoryview(body))
        except MemoryError:
            return status, body

    def take(self, flow: DeviceFlow, status: int, body: bytes) -> None:
        """Give `flow` its answer, and keep what came with it."""
        # In two steps, because MicroPython keeps a large frame in the memory that parsing needs.
        self._give(flow, status, parse(body))

    def _give(self, flow: DeviceFlow, status: int, answer: dict[str, object]) -> None:
        before = flow.state
        try:
            flow.receive(status, answer, self.ticks_ms())
        except MemoryError:  # what leaves no room to go on with is no answer either
            answer = {}
            flow.receive(status, answer, self.ticks_ms())
        if flow.state == SIGNED_IN:
            kept = {}
            for name in ("access_token", "refresh_token"):
                value = answer.get(name)
                if value:  # no copy of what is a string already: it may be long
                    kept[name] = value if isinstance(value, str) else str(value)
            self.token_file.save(kept)
        elif flow.state == PENDING != before:
            answer["code_verifier"] = flow.code_verifier
            answer["scope"] = flow.scope
            self.token_file.save(answer)


def wait(flow: DeviceFlow) -> int:
    """For how many seconds the next answer may be held."""
    # Not after a failure: something on the way may end what is silent for so long.
    return WAIT if flow.state == PENDING and not flow.backoff_ms else 0


def fetch(*arguments, **options):  # type: ignore[no-untyped-def]
    """Status and body of `transport.request`; `idle()` is called at each of its steps.

    An answer that finds no memory is an OSError too: the next one may be smaller.
    """
    idle = options.pop("idle", None)
    try:
        for answer in request(*arguments, **options):
            if idle and not answer:
                idle()
        return answer
    except MemoryError:
        raise OSError(12) from None


def parse(body: bytes) -> dict[str, object]:
    """The JSON object, empty when it is none."""
    collect()
    try:
        value = json.loads(body)
        if isinstance(value, dict):
            return value
    except Exception:  # ValueError; by brackets by the thousand, RecursionError or MemoryError
        pass
    return {}
