"""A sign-in as JSON, one object a line, for the program that started ours. CPython only.

    {"event": "code", "user_code": …, "verification_uri": …, "verification_uri_complete": …,
     "expires_in": …}         complete is "" when there is none
    {"event": "no_answer"}    the server is silent, and asked again
    {"event": "waiting"}      it answers again
    {"event": "return_code", "return_code_length": …, "expires_in": …}
                              so many digits are to be entered now, by a line of standard input
    {"event": "signed_in", "name": …}    "" when the name is not told
    {"event": "denied"}, {"event": "expired"}, {"event": "unreachable"}
    {"event": "failed", "error": …}      the server's error code

Letters outside ASCII are escaped, so a server's words cannot begin a line of their own.
"""

import json
from collections.abc import Callable

from .flow import DENIED, EXPIRED, FAILED, PENDING, SIGNED_IN, UNREACHABLE, DeviceFlow

ENDS = {
    SIGNED_IN: "signed_in",
    DENIED: "denied",
    EXPIRED: "expired",
    FAILED: "failed",
    UNREACHABLE: "unreachable",
}


class JsonDisplay:
    """Gives each line to `write`; no device code and no token is in any."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._coded = False
        self._asked = 0
        self._silent = False

    def show(self, flow: DeviceFlow) -> None:
        """Say what is new since the last call."""
        if flow.state == PENDING and not self._coded:
            self._coded = True
            self.tell(
                "code",
                user_code=flow.user_code,
                verification_uri=flow.verification_uri,
                verification_uri_complete=flow.verification_uri_complete,
                expires_in=_seconds_left(flow),
            )
        asked = getattr(flow, "return_code_length", 0)
        if asked > self._asked:
            self.tell("return_code", return_code_length=asked, expires_in=_seconds_left(flow))
        self._asked = asked
        if self._silent != (flow.backoff_ms > 0):
            self._silent = not self._silent
            self.tell("no_answer" if self._silent else "waiting")

    def finish(self, flow: DeviceFlow, name: str = "") -> None:
        """Say how it ended."""
        facts = {SIGNED_IN: {"name": name}, FAILED: {"error": flow.error}}.get(flow.state, {})
        self.tell(ENDS[flow.state], **facts)
        self.close()

    def tell(self, event: str, **facts: object) -> None:
        """Write one line."""
        self._write(json.dumps({"event": event, **facts}))

    def close(self) -> None:
        """Nothing to put back; whatever comes next is another sign-in."""
        self._coded = self._silent = False
        self._asked = 0


def _seconds_left(flow: DeviceFlow) -> int:
    return (flow.left_ms + 999) // 1000
