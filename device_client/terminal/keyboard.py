"""The return code from a keyboard, or from a script: digits that reach the flow. CPython only."""

import os
import re
import termios
from select import select
from typing import Any, TextIO

from device_client.flow import DeviceFlow
from device_client.return_code import ReturnCodeFlow

# What arrow keys and the like send, digits and all (ECMA-48 5.4).
SEQUENCE = re.compile(rb"\x1b[\[O][0-?]*[ -/]*[@-~]")
BEGUN = re.compile(rb"\x1b(O|\[[0-?]*[ -/]*)?$")  # one whose end is still to come
NOBODY = (
    "the phone shows a number to be entered here, but there is neither keyboard nor other input"
)


class WithKeyboard:
    """A `display`, and the digits that are typed while some are asked for.

    They come from `keys`: a terminal that the display has taken over, key by key, or anything else,
    by lines. `show` raises EOFError when digits are asked for and none can come: at the end
    of that stream, or with None in its place.
    """

    def __init__(self, display: Any, keys: TextIO | None) -> None:
        self._display = display
        self._keys = keys
        self._asked: DeviceFlow | None = None
        self._unread = b""

    def show(self, flow: DeviceFlow) -> None:
        """Take what has been typed, and show it."""
        if isinstance(flow, ReturnCodeFlow) and flow.return_code_length:
            try:
                self._take(flow)
            except (OSError, ValueError, termios.error) as problem:  # no terminal, file or pipe
                raise EOFError(NOBODY) from problem
        self._display.show(flow)

    def finish(self, flow: DeviceFlow, name: str = "") -> None:
        """As the display does."""
        self._display.finish(flow, name)

    def close(self) -> None:
        """As the display does."""
        self._display.close()

    def _take(self, flow: ReturnCodeFlow) -> None:
        if self._keys is None:
            raise EOFError(NOBODY)
        keys = self._keys.fileno()
        if _in_background(keys):  # who reads there is stopped
            return
        terminal = os.isatty(keys)
        if flow is not self._asked:
            self._asked = flow
            if terminal:  # what was typed before is no answer
                termios.tcflush(keys, termios.TCIFLUSH)
        by_key = terminal and not termios.tcgetattr(keys)[3] & termios.ICANON
        if not select([keys], [], [], 0)[0]:
            return
        some = os.read(keys, 1024)
        self._unread += some
        (self._press if by_key else self._read)(flow, ended=not some)
        if not some and flow.return_code_length:
            raise EOFError(NOBODY)

    def _press(self, flow: ReturnCodeFlow, ended: bool) -> None:
        keys = SEQUENCE.sub(b"", self._unread)
        begun = BEGUN.search(keys)
        self._unread = begun[0] if begun and not ended else b""
        for key in keys.removesuffix(self._unread).decode("latin-1"):
            if key in "\r\n":
                flow.typed = ""
            elif key in "\b\x7f":
                flow.typed = flow.typed[:-1]
            elif key in "0123456789":
                flow.typed += key
            flow.enter(flow.typed)
            if not flow.return_code_length:
                break

    def _read(self, flow: ReturnCodeFlow, ended: bool) -> None:
        *lines, rest = self._unread.split(b"\n")
        self._unread = b"" if ended else rest
        for line in [*lines, rest] if ended else lines:
            flow.enter(line.decode("latin-1").strip())


def _in_background(terminal: int) -> bool:
    try:
        return os.tcgetpgrp(terminal) != os.getpgrp()
    except OSError:  # nothing that has a background
        return False
