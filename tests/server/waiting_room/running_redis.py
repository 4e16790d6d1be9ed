"""A real Redis that a test may stop, kill and start again. It keeps nothing on disk."""

import subprocess
from pathlib import Path


class RunningRedis:
    """One server, reached by a socket in its own folder."""

    def __init__(self, program: Path, folder: Path) -> None:
        socket = folder / "redis.sock"
        self.hasty_url = f"unix://{socket}"
        self.url = f"{self.hasty_url}?socket_timeout=20"  # for machines that are busy
        here = ["--dir", str(folder), "--unixsocket", str(socket), "--port", "0"]
        self._command = [str(program), *here, "--save", "", "--appendonly", "no"]
        self.start()

    def start(self) -> None:
        """Start it and return as soon as it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        told = []
        for line in self.process.stdout:
            told.append(line)
            if "eady to accept connections" in line:
                return
        raise AssertionError("".join(told))

    def kill(self) -> None:
        """End it as a crash would; its clients may not have noticed yet."""
        self.process.kill()
        self.process.communicate()
