"""A clock that moves when told, a server that answers from a list, and a real MicroPython."""

import gc
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.device_client.faults.network import Network, open_network

ROOT = Path(__file__).parent.parent.parent

OnBoard = Callable[..., str]
Serve = Callable[..., "Server"]


@pytest.fixture(scope="package", autouse=True)
def _no_collections() -> Iterator[None]:
    """Collect nothing where a board would: this process has far more to look through."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "collect", bool)
        yield


@pytest.fixture
def on_board(micropython: Path) -> OnBoard:
    """Run code under MicroPython, with the repository on its path; what it printed."""

    def run(code: str, *arguments: str, heap: str = "256k") -> str:
        done = subprocess.run(
            [micropython, "-X", f"heapsize={heap}", "-c", code, *arguments],
            env={"MICROPYPATH": f"{ROOT}:{ROOT}/tests/device_client"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert not done.returncode, done.stdout + done.stderr
        return done.stdout

    return run


class Server:
    """Gives each connection the next of `answers`, byte for byte, and keeps what was asked.

    An answer of None is silence until the other side gives up. `before` runs before
    each.
    """

    def __init__(self, answers: list[bytes | None], before: Callable[[], object]) -> None:
        self.requests: list[bytes] = []
        self.answers = answers
        self._before = before
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while self.answers:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            answer = self.answers.pop(0)
            with connection:
                connection.settimeout(5)  # for a test that fails
                self.requests.append(_request(connection))
                self._before()
                if answer is None:
                    connection.recv(1)
                else:
                    _send(connection, answer)

    def close(self) -> None:
        """Stop, whether all was asked or not."""
        # close() alone leaves accept() waiting.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("no whole request")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r")[0] or 0)
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


def _send(connection: socket.socket, answer: bytes) -> None:
    with suppress(OSError):  # a client may have had enough
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that give the answers passed to it."""
    servers: list[Server] = []

    def start(*answers: bytes | None, before: Callable[[], object] = bool) -> Server:
        servers.append(Server(list(answers), before))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def running_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Serve until the tests of a file are through."""
    with open_network(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture
def network(running_network: Network) -> Network:
    """Give a network in which nothing has happened yet."""
    running_network.begin()
    return running_network
