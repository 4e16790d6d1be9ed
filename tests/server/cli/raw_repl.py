"""The raw REPL of a board, on MicroPython's unix port, over standard input and output.

mpremote takes it for a board on a serial port. What is copied goes into the working directory.
"""

import os
import sys
from io import StringIO

PROMPT = "raw REPL; CTRL-B to exit\r\n>"


class BoardsOs:
    """The module `os` of a board, where an empty path is the root."""

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def stat(self, path: str) -> object:
        return os.stat(path or ".")  # noqa: PTH116 - MicroPython has no pathlib


def say(text: str) -> None:
    sys.stdout.write(text)


def execute(code: bytes, names: dict[str, object]) -> None:
    say("OK")
    told = StringIO()
    try:
        exec(code, names)  # noqa: S102 - it is what a REPL does
    except BaseException as error:
        sys.print_exception(error, told)  # type: ignore[attr-defined]
    say("\x04" + told.getvalue() + "\x04>")


def main() -> None:
    sys.modules["os"] = BoardsOs()  # type: ignore[assignment]
    code = b""
    names: dict[str, object] = {"__name__": "__main__"}
    while True:
        byte = sys.stdin.buffer.read(1)
        if not byte:
            return
        if byte == b"\x01":  # raw mode; with a letter before it, a question that only new ones know
            say("R\x00" if code == b"\x05A" else PROMPT)
        elif byte == b"\x04" and code:
            execute(code, names)
        elif byte == b"\x04":
            names = {"__name__": "__main__"}
            say("OK\r\nMPY: soft reboot\r\n" + PROMPT)
        elif byte not in b"\x02\x03\r" or code:
            code += byte
            continue
        code = b""


main()
