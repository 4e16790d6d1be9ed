"""A world for loops and sessions on both Pythons: its clock moves by sleeping, its answers wait."""

import json

METADATA = {
    "device_authorization_endpoint": "https://as.example/device_authorization",
    "token_endpoint": "https://as.example/token",
}
CODES = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://tv.example.com/device",
    "expires_in": 600,
    "interval": 5,
}
TOKENS = {"access_token": "new", "token_type": "Bearer", "refresh_token": "new refresh"}
OLD = {"access_token": "old", "refresh_token": "old refresh"}
PENDING = (400, {"error": "authorization_pending"})


class World:
    """Clock, server, display and token file; `story` has what happened, in order.

    An answer is a status and what goes into JSON, or an error to raise.
    """

    def __init__(self, answers: list, kept: dict | None = None) -> None:  # type: ignore[type-arg]
        self.answers = answers
        self.kept = kept or {}
        self.now_ms = 0
        self.longest_nap = 0
        self.full = False
        self.story: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.states: list[str] = []

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.longest_nap = max(self.longest_nap, duration)
        self.now_ms += duration

    def random(self, size: int) -> bytes:
        return bytes(size)

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        if flow.state not in self.states:
            self.states.append(flow.state)

    def load(self) -> dict:  # type: ignore[type-arg]
        return dict(self.kept)

    def save(self, kept: dict) -> None:  # type: ignore[type-arg]
        if self.full:
            raise OSError(28)
        self.story.append("keeps " + " ".join(sorted(kept)) if kept else "forgets")
        self.kept = dict(kept)

    def fetch(self, url, form=None, bearer="", wait=0, idle=None):  # type: ignore[no-untyped-def]
        held = " held" if wait else ""
        self.story.append(f"{self.now_ms} {url.split('/')[-1]} {bearer or '-'}{held}")
        self.forms.append(form or {})
        if idle:
            idle()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer[0], json.dumps(answer[1]).encode()
