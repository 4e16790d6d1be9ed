"""The program that fills the screen, in a real terminal."""

import fcntl
import os
import signal
import struct
import sys
import termios
from collections.abc import Iterator

import pytest

from tests.device_client.conftest import Serve
from tests.device_client.test_main import CODES, http, metadata
from tests.journeys.terminal import Terminal

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def television(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Start the program against a server that has a code to give, and wait for that."""
    server = serve(b"", http((200, CODES)))
    server.answers[0] = http((200, metadata(server.url, userinfo=False)))
    command = [sys.executable, "-m", "device_client", "--issuer", server.url, "--client-id", "tv"]
    tokens = str(tmp_path_factory.mktemp("tv") / "tokens")
    terminal = Terminal([*command, "--token-file", tokens, "--fullscreen"], dict(os.environ))
    try:
        terminal.read("(WDJB-MJHT)")
        yield terminal
    finally:
        terminal.close()


def test_resized(television: Terminal) -> None:
    """A larger window is filled to its last line, without a word to the program. CL-06."""
    size = struct.pack("HHHH", 60, 200, 0, 0)
    fcntl.ioctl(television._keyboard, termios.TIOCSWINSZ, size)
    while b"\x1b[60;1H" not in television._written:
        assert television._read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended(television: Terminal, number: signal.Signals) -> None:
    """However it is ended, the screen from before and the cursor are back. CL-06."""
    television._process.send_signal(number)
    assert television.finish() == {signal.SIGINT: 130, signal.SIGTERM: -signal.SIGTERM}[number]
    assert television._written.count(ENTER) == television._written.count(LEAVE) == 1
    assert television.cursor_is_shown
