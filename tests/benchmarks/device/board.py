"""A 32-bit MicroPython with a heap of a given size, and the client on it as boards have it."""

import subprocess
from pathlib import Path

from server.cli.device_folder import compiler

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "device_client"
CLOSE_ENOUGH = 32  # bytes
IN_A_ROW = 8


class Board:
    """Runs code with what is compiled in `folder`; nothing else of ours is on its path."""

    def __init__(self, micropython: Path, folder: Path) -> None:
        self.folder = folder
        self._micropython = micropython

    def compile(self, source: Path, name: str) -> int:
        """Put a module on the board, as `pairlight device pack` does; the bytes it takes there."""
        compiled = self.folder / f"{name}.mpy"
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiler()(source, compiled)
        return compiled.stat().st_size

    def run(self, code: str, heap: int, *paths: Path) -> str | None:
        """Return what `code` printed, None when `heap` bytes were too few for it."""
        done = subprocess.run(
            [self._micropython, "-X", f"heapsize={heap}", "-c", code],
            cwd=self.folder,  # which MicroPython looks through first
            env={"MICROPYPATH": ":".join(map(str, paths))},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode and "MemoryError" not in done.stderr + done.stdout:
            raise RuntimeError(done.stdout + done.stderr)
        return None if done.returncode else done.stdout

    def smallest_heap(self, code: str, expected: str = "") -> float:
        """Return the fewest kilobytes from which on `code` prints what is expected.

        A little more memory may be laid out worse, so what fits has to fit several times in a row.
        """
        too_small, enough = 1024, 64 * 1024
        if self.run(code, enough) != expected:
            raise RuntimeError(f"does not work with {enough} bytes either: {code}")
        while enough - too_small > CLOSE_ENOUGH:
            middle = (too_small + enough) // 2
            if self.run(code, middle) == expected:
                enough = middle
            else:
                too_small = middle
        fits = 0
        while fits < IN_A_ROW:
            fits = fits + 1 if self.run(code, enough) == expected else 0
            enough += CLOSE_ENOUGH
        return (enough - IN_A_ROW * CLOSE_ENOUGH) / 1024
