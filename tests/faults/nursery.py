"""A process that forks others, one at a time; it has everything imported and nothing opened.

The standard library's server of forks is not for threads: two that start and join processes may
take each other's exit codes.
"""

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults import dying

_ROOT = Path(__file__).parents[2]


class Nursery:
    """Runs functions of modules in processes of their own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, work: Callable[..., None], *arguments: Any) -> int:
        """Run it and return the exit code: a negative one is the signal that ended it."""
        assert self._process.stdin
        assert self._process.stdout
        pickle.dump((work, arguments), self._process.stdin)
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process, and it alone: nothing else of it runs any more."""
        self._process.communicate()


def _fork(work: Callable[..., None], arguments: tuple[Any, ...]) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work(*arguments)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Serve until nobody asks any more."""
    assert dying.POINTS  # imported before anything is asked for
    while True:
        try:
            work, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own test
        except EOFError:
            return
        print(_fork(work, arguments), flush=True)


if __name__ == "__main__":
    main()
