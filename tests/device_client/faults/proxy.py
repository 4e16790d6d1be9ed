"""A proxy that passes requests on to the real server, or does to them what it was told to."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLContext

# What happens to one request: gets the connection and how to ask the server.
Fault = Callable[[socket.socket, Callable[[], bytes]], object]


class Proxy:
    """Listens at `url` and asks the server behind `port`; each step first has its faults.

    With a TLS `context` it takes that alone, and is localhost.

    A step is the last word of the path, but "poll" or "refresh" for the token endpoint. `asked` are
    the steps in the order of their connections, `answers` is what the server said; `before` is
    called with a step before the server is asked.
    """

    def __init__(self) -> None:
        self.port = 0
        self.context: SSLContext | None = None
        self.faults: dict[str, list[Fault]] = {}
        self._steps: list[list[str]] = []  # of each connection; none before its request is read
        self.answers: list[bytes] = []
        self.before: Callable[[str], object] = bool
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def asked(self) -> list[str]:
        """The steps so far."""
        return [step for steps in self._steps for step in steps]

    def forget(self) -> None:
        """Begin anew: no faults, nothing asked."""
        self.faults, self._steps, self.answers, self.before = {}, [], [], bool

    def close(self) -> None:
        """Stop."""
        with suppress(OSError):  # close() alone leaves accept() waiting
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            # Of two threads the second may be the first to read, but not to be connected.
            steps: list[str] = []
            self._steps.append(steps)
            threading.Thread(target=self._handle, args=(connection, steps)).start()

    def _handle(self, connection: socket.socket, steps: list[str]) -> None:
        with connection, suppress(OSError):  # a client may have had enough
            connection.settimeout(10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self.context:
                self._answer(connection, steps)
                return
            with self.context.wrap_socket(connection, server_side=True) as secure:
                self._answer(secure, steps)

    def _answer(self, connection: socket.socket, steps: list[str]) -> None:
        request = _request(connection)
        step = _step(request)
        steps.append(step)
        waiting = self.faults.get(step)
        fault = waiting.pop(0) if waiting else well
        fault(connection, lambda: self._pass_on(step, request))

    def _pass_on(self, step: str, request: bytes) -> bytes:
        self.before(step)
        with socket.create_connection(("127.0.0.1", self.port), 10) as server:
            server.sendall(request)
            answer = _all(server)
        self.answers.append(answer)
        return answer


def _request(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        lines = [file.readline()]
        while lines[-1] not in {b"\r\n", b""}:
            lines.append(file.readline())
        lengths = [int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")]
        return b"".join(lines) + file.read(sum(lengths))


def _step(request: bytes) -> str:
    path = request.split(b" ", 2)[1].decode()
    if path != "/token":
        return path.rpartition("/")[2]
    return "poll" if b"device_code=" in request else "refresh"


def _all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


# Faults


def well(connection: socket.socket, ask: Callable[[], bytes]) -> None:
    """Pass the answer on."""
    connection.sendall(ask())


def reset(connection: socket.socket, ask: Callable[[], bytes]) -> None:
    """Break the connection off in the middle of the answer's head."""
    connection.sendall(ask()[:20])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half(connection: socket.socket, ask: Callable[[], bytes]) -> None:
    """End in the middle of the body."""
    answer = ask()
    connection.sendall(answer[: (answer.index(b"\r\n\r\n") + len(answer)) // 2 + 2])


def drip(connection: socket.socket, ask: Callable[[], bytes]) -> None:
    """Send one byte at a time."""
    pause = threading.Event()
    for byte in ask():
        connection.sendall(bytes([byte]))
        pause.wait(0.0005)


def silence(connection: socket.socket, _ask: Callable[[], bytes]) -> None:
    """Say nothing until the other side gives up."""
    connection.recv(1)


def answering(status: str, body: bytes, kind: str = "text/html") -> Fault:
    """Return the fault of a machine in between that answers itself."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"

    def fault(connection: socket.socket, _ask: Callable[[], bytes]) -> None:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        _all(connection)

    return fault
