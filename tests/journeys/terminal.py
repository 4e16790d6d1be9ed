"""A program in a terminal of its own: what it writes, and the keys that reach it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_BOUND = 40  # seconds in which whatever is waited for must come
_SIZE = (40, 100)  # lines and columns
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")  # ECMA-48 5.4

# Takes standard input as its controlling terminal, and becomes the program.
_ATTACH = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """Runs a command in the foreground of a new terminal."""

    def __init__(self, command: Sequence[str], environ: dict[str, str]) -> None:
        self._keyboard, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", *_SIZE, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ATTACH, *command],
            env={**environ, "TERM": "xterm", "PYTHONUTF8": "1"},
            cwd=_ROOT,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
        )
        os.close(screen)
        self._written = bytearray()

    @property
    def written(self) -> str:
        """All that was written, without colours and the like."""
        return _CONTROL.sub("", self._written.decode(errors="replace"))

    @property
    def cursor_is_shown(self) -> bool:
        """Whether the cursor is as it was found."""
        return self._written.rfind(b"\x1b[?25h") > self._written.rfind(b"\x1b[?25l") >= 0

    def read(self, pattern: str) -> str:
        """Wait until something is written that matches; return its first group."""
        while not (found := re.search(pattern, self.written)):
            assert self._read(), f"it ended first: {self.written}"
        return found[1]

    def interrupt(self) -> None:
        """Press Ctrl-C, of which the terminal makes a signal to all that run in its foreground."""
        os.write(self._keyboard, b"\x03")

    def hang_up(self) -> int:
        """Close the window; return the exit status."""
        os.close(self._keyboard)
        self._keyboard = -1
        return self._process.wait(_BOUND)

    def finish(self) -> int:
        """Wait for the end; return the exit status."""
        while self._read():
            pass
        return self._process.wait(_BOUND)

    def close(self) -> None:
        """Close the window, should it still be open, and end what runs in it."""
        if self._keyboard >= 0:
            os.close(self._keyboard)
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(_BOUND)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._keyboard], [], [], _BOUND)
        assert ready, f"nothing more came: {self.written}"
        try:
            some = os.read(self._keyboard, 65536)
        except OSError:  # what Linux says when nobody is left to write
            some = b""
        self._written += some
        return bool(some)
