"""A sign-in with a return code: the command in a terminal, the real server, a person at both."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from select import select

import pytest

from device_client import __main__ as command
from device_client import console
from server.core.user_interaction import DeviceRequest
from tests.device_client.fakes import Clock
from tests.device_client.faults.network import Network, open_network

BOUND = 10  # seconds in which whatever is waited for must come
SIZE = struct.pack("HHHH", 10, 60, 0, 0)  # lines and columns: few enough to be written unread


class Person(Clock):
    """Approves on the phone at the first poll, and at the terminal types `keys` when asked to.

    In there {0} is the number that the phone shows, {1} another one. Time passes by waiting.
    """

    def __init__(self, network: Network, keyboard: int, screen: int, keys: str) -> None:
        super().__init__()
        self.seen = ""
        self._network = network
        self._keyboard = keyboard
        self._screen = screen
        self._keys = keys
        self._number = ""

    def approve(self) -> None:
        if not self._number:
            stage = self._network.stage
            code = re.findall(rb'"user_code":"(.*?)"', b"\n".join(self._network.proxy.answers))[-1]
            session = stage.session()
            approved = stage.server.approve(stage.claim(code.decode(), session), session)
            assert isinstance(approved, DeviceRequest)
            self._number = str(approved.return_code)

    def sleep_ms(self, duration: int) -> None:
        super().sleep_ms(duration)
        if self._number and self._keys:
            while "_ _ _ _" not in self.seen:
                assert self.look(), self.seen
            wrong = f"{9999 - int(self._number):04}"
            os.write(self._keyboard, self._keys.format(self._number, wrong).encode())
            assert select([self._screen], [], [], BOUND)[0]  # a terminal takes its time
            self._keys = ""
        self.look(0)  # a terminal that nobody reads takes no more

    def look(self, bound: float = BOUND) -> bool:
        """Read on; whether there was something."""
        ready, _, _ = select([self._keyboard], [], [], bound)
        with suppress(OSError):  # what Linux says when nobody is left to write
            some = os.read(self._keyboard, 4096) if ready else b""
            self.seen += some.decode(errors="replace")
            return some != b""
        return False


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """Give a server that asks the client for return codes."""
    with open_network(tmp_path) as network:
        network.stage.register("careful", return_code=True)
        network.begin()
        yield network


@pytest.mark.parametrize(
    ("keys", "status", "end"),
    [
        ("{0}", 0, "Signed in as Ada."),
        ("9\x7f{0}", 0, "Signed in as Ada."),
        ("{1}", 3, "The number was wrong, or sign-in was denied."),
        ("{0:.3}x\n", 4, "The code has expired. Start again for a new one."),
    ],
)
def test_sign_in(
    network: Network,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keys: str,
    status: int,
    end: str,
) -> None:
    """The number of the phone, typed at the terminal, signs in; no other one does. XD-20."""
    keyboard, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, SIZE)
    person = Person(network, keyboard, screen, keys)
    network.person = person.approve
    monkeypatch.setattr(console, "_ticks_ms", person.ticks_ms)
    monkeypatch.setattr(console, "_sleep_ms", person.sleep_ms)
    with os.fdopen(screen, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(sys, "stdout", terminal)
        arguments = ["--issuer", network.proxy.url, "--client-id", "careful"]
        assert command.main([*arguments, "--token-file", str(tmp_path / "tokens")]) == status
    while person.look():
        pass
    os.close(keyboard)
    assert end in person.seen
