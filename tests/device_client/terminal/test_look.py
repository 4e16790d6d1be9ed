"""What a terminal can show."""

import fcntl
import io
import os
import struct
import termios

import pytest

from device_client.terminal.look import terminal_size, writable, write_line


@pytest.mark.parametrize(
    ("said", "taken"), [((60, 20), (60, 20)), ((0, 0), (80, 24)), ((0, 24), (80, 24))]
)
def test_size(said: tuple[int, int], taken: tuple[int, int]) -> None:
    """The size is the terminal's own; a serial line has none, and gets the usual one. CL-06."""
    keyboard, screen = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", said[1], said[0], 0, 0))
    with os.fdopen(screen, "w") as stream:
        assert terminal_size(stream) == taken
    os.close(keyboard)


def test_size_of_no_terminal() -> None:
    """Where there is no terminal the size is guessed. CL-06."""
    assert terminal_size(io.StringIO()) > (0, 0)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("utf-8", "Łukasz é?"), ("latin-1", "?ukasz é?"), ("ascii", "?ukasz ??")],
)
def test_writable(encoding: str, text: str) -> None:
    """A letter that cannot be written is a ?. CL-08."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    assert writable("Łukasz é\ud800", stream) == text
    write_line("Łukasz é\ud800", stream)
    assert raw.getvalue().decode(encoding) == text + "\n"


def test_writable_without_an_encoding() -> None:
    """A stream that keeps letters gets them. CL-08."""
    assert writable("Łukasz", io.StringIO()) == "Łukasz"
