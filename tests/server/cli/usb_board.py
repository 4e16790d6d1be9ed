"""A board on a serial port: MicroPython's unix port behind a pseudo terminal."""

import os
import pty
import subprocess
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REPL = Path(__file__).parent / "raw_repl.py"


@contextmanager
def plugged_in(micropython: Path, flash: Path) -> Iterator[str]:
    """Run a board whose file system is the folder `flash`; yield the name of its port."""
    board, port = pty.openpty()
    tty.setraw(port)
    process = subprocess.Popen(
        [micropython, str(_REPL)],
        stdin=board,
        stdout=board,
        cwd=flash,
        env={"MICROPYPATH": f"{flash}:{flash}/lib"},
    )
    try:
        yield os.ttyname(port)
    finally:
        process.kill()
        process.wait()
        os.close(port)
        os.close(board)
