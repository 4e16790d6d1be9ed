"""The real terminal client in a process of its own, read line by line."""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parents[2]


class Shown(NamedTuple):
    """What the device shows a person."""

    address: str
    user_code: str


class TerminalDevice:
    """`python -m device_client`, whose output is no terminal here: plain lines."""

    def __init__(self, issuer: str, token_file: Path, *options: str) -> None:
        command = [sys.executable, "-m", "device_client", "--issuer", issuer, "--client-id", "tv"]
        self._process = subprocess.Popen(
            [*command, "--token-file", str(token_file), *options],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""

    def shown(self) -> Shown:
        """Wait for the address and the code."""
        text = self._read_until(r"[A-Z]{4}-[A-Z]{4}")
        address = re.search(r"http\S+", text)
        code = re.search(r"[A-Z]{4}-[A-Z]{4}", text)
        assert address
        assert code
        return Shown(address[0], code[0])

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and all that was printed."""
        rest, _ = self._process.communicate(timeout=40)
        self.output += rest
        return self._process.returncode, self.output

    def close(self) -> None:
        """End it, should it still run."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def _read_until(self, pattern: str) -> str:
        assert self._process.stdout
        for line in self._process.stdout:
            self.output += line
            if re.search(pattern, line):
                return self.output
        raise AssertionError(f"it ended first: {self.output}")
