"""The real server behind a proxy that has faults, and a person who approves."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from server.app import build
from server.config import make
from tests.device_client.faults.proxy import Proxy
from tests.fakes import FakeClock
from tests.server.stage import Stage
from tests.verifier_web.served import served

_PLENTY = {"starts_per_address": 10_000, "approvals_per_day": 10_000}
_SECRETS = rb'"(?:device_code|access_token|refresh_token)":"(.*?)"'


class Network:
    """The proxy, the server behind it, and what must stay secret.

    `person` is called at each poll; whoever asks for /person has the newest code approved.
    """

    def __init__(self, proxy: Proxy, stage: Stage) -> None:
        self.proxy = proxy
        self.stage = stage
        self.person: Callable[[], object] = self.approve
        self._decided: set[bytes] = set()

    def begin(self) -> None:
        """Let no fault stay; somebody approves just before the first poll arrives."""
        self.proxy.forget()
        self.proxy.before = self._before
        self.person = self.approve

    def approve(self) -> None:
        """Approve the newest code, once."""
        self._decide(self.stage.approve)

    def deny(self) -> None:
        """Deny the newest code, once."""
        self._decide(self.stage.deny)

    def secrets(self) -> list[str]:
        """Return every device code and token that the server gave out."""
        return [secret.decode() for secret in re.findall(_SECRETS, b"\n".join(self.proxy.answers))]

    def _decide(self, decide: Callable[[str], None]) -> None:
        code = re.findall(rb'"user_code":"(.*?)"', b"\n".join(self.proxy.answers))[-1]
        if code not in self._decided:
            self._decided.add(code)
            decide(code.decode())

    def _before(self, step: str) -> None:
        # For the device 10 s are longer than any pace it keeps, but only it knows its clock.
        self.stage.clock.advance(10)
        if step == "poll":
            self.person()
        elif step == "person":
            self.approve()


@contextmanager
def open_network(directory: Path, secure: bool = False) -> Iterator[Network]:
    """Serve until the block ends; a `secure` server calls itself by an https URL."""
    proxy = Proxy()
    if secure:
        proxy.url = f"https://localhost:{proxy.url.rpartition(':')[2]}"
    with served("127.0.0.1") as web_server:
        clock = FakeClock()
        database = f"sqlite:///{directory}/pairlight.db"
        application = build(make(issuer=proxy.url, database=database, **_PLENTY), clock)
        web_server.app = application.wsgi
        proxy.port = web_server.port
        yield Network(proxy, Stage(application, clock, "front door"))
    proxy.close()
    application.close()
