"""Servers in processes of their own, on a core of their own, and what they use of the machine."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_CORES = sorted(os.sched_getaffinity(0))
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Server(NamedTuple):
    """A server that listens."""

    pid: int
    url: str

    def cpu(self) -> float:
        """Return the seconds of CPU that it and its children have used."""
        return sum(_used(pid) for pid in _tree(self.pid))

    def memory(self) -> int:
        """Return the bytes of memory that it and its children have resident."""
        pages = (Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in _tree(self.pid))
        return _PAGE * sum(map(int, pages))


def pin_load() -> None:
    """Keep this process, and the load it starts, on the last core."""
    os.sched_setaffinity(0, _CORES[-1:])


@contextlib.contextmanager
def started(
    command: Sequence[str], port: int, environ: Mapping[str, str], log: Path
) -> Iterator[Server]:
    """Run a server on the first core until the block ends."""
    pinned = ["taskset", "-c", str(_CORES[0]), *command]
    with log.open("ab") as output:
        process = subprocess.Popen(
            pinned, env=environ, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_it_listens(port, process, log)
        yield Server(process.pid, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):  # workers too, should any be left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def busy() -> float:
    """Return the seconds that all cores have worked, for whomever."""
    figures = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    idle = figures[3] + figures[4]
    return (sum(figures) - idle) / _TICK


def own() -> float:
    """Return the seconds of CPU that this process and the load it has run have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def cores() -> int:
    """Return how many cores the machine has."""
    return os.cpu_count() or 1


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Try to connect until it works; each refused try is cheap, and no server is long."""
    for _ in range(1_000_000):
        if process.poll() is not None:
            raise RuntimeError(f"it does not start: {log.read_text()[-2000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
    raise RuntimeError(f"nothing listens: {log.read_text()[-2000:]}")


def _tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(directory.name)] = int(_stat(int(directory.name))[1])
    found = [root]
    for pid in found:  # grows as we go
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _used(pid: int) -> float:
    with contextlib.suppress(OSError):
        return sum(map(int, _stat(pid)[11:13])) / _TICK
    return 0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; the name before may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
