"""Takes a terminal over, and gives it back whatever happens. CPython only.

Back at `leave`, but also when the process is told to end or to stop for a while (Ctrl-Z). Python
runs nothing of ours on SIGTERM unless it is asked to, so signals are caught here: only those that
nobody else catches, only in the main thread, and what they stand for happens all the same.
"""

import io
import os
import signal
import termios
import threading
import tty
from collections.abc import Callable
from types import FrameType
from typing import Any, TextIO

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class TerminalMode:
    """Writes `begin` to enter and `end` to leave.

    In between keys are not echoed, and each can be read at once.

    `redraw()` is called when the process goes on after a stop.
    """

    def __init__(self, stream: TextIO, begin: str, end: str, redraw: Callable[[], None]) -> None:
        self._stream = stream
        self._begin, self._end = begin, end
        self._redraw = redraw
        self._entered = False
        self._keys: list[Any] = []
        self._caught: list[signal.Signals] = []

    def enter(self) -> None:
        """Take over; nothing when that is done."""
        if self._entered:
            return
        self._entered = True
        self._stream.flush()
        if threading.current_thread() is threading.main_thread():
            for number in (*ENDING, signal.SIGTSTP):
                if signal.getsignal(number) is signal.SIG_DFL:
                    signal.signal(number, self._on_signal)
                    self._caught.append(number)
        self._take()

    def leave(self) -> None:
        """Give back; nothing when that is done."""
        if not self._entered:
            return
        self._entered = False
        self._stream.flush()
        self._give()
        for number in self._caught:
            signal.signal(number, signal.SIG_DFL)
        self._caught.clear()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._give()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # Only a stop is survived.
        signal.signal(number, self._on_signal)
        self._take()
        self._redraw()

    def _take(self) -> None:
        self._keys = self._silence()
        self._write(self._begin)

    def _give(self) -> None:
        self._write(self._end)
        if self._keys:
            termios.tcsetattr(self._stream.fileno(), termios.TCSAFLUSH, self._keys)

    def _silence(self) -> list[Any]:
        """Echo no keys, wait for no line; how it was before, empty when this is no terminal."""
        try:
            keys = termios.tcgetattr(self._stream.fileno())
        except (OSError, termios.error):
            return []
        tty.setcbreak(self._stream.fileno(), termios.TCSADRAIN)
        return keys

    def _write(self, text: str) -> None:
        # Past Python's buffer, which a signal may have found half written.
        try:
            os.write(self._stream.fileno(), text.encode("ascii"))
        except io.UnsupportedOperation:
            self._stream.write(text)
        except OSError:  # the window is gone
            pass
