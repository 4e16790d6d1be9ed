"""CPython's sockets, dressed as MicroPython's: transport.py is written for those. CPython only.

A connection is a stream, `poll` takes it, and `tls_context` gives a context that wraps it.
"""

import socket as _socket
import ssl
from types import SimpleNamespace
from typing import BinaryIO


class Connection:
    """A connection as MicroPython has it."""

    def __init__(self, connected: _socket.socket | None = None) -> None:
        self._socket = connected
        self._file: BinaryIO | None = None
        self._first = b""  # what `begun` had to read to know
        self._timeout: float | None = None

    def settimeout(self, timeout: float) -> None:
        """Bound each wait for the network, in seconds."""
        self._timeout = timeout

    def connect(self, address: tuple[str, int]) -> None:
        """Connect to the first address of the host that answers."""
        self._socket = _socket.create_connection(address, self._timeout)

    def secured(self, context: ssl.SSLContext, host: str) -> "Connection":
        """Return the same connection under TLS."""
        secure = Connection(context.wrap_socket(self._connected(), server_hostname=host))
        secure.settimeout(self._timeout or 0)
        return secure

    def write(self, message: bytes) -> None:
        """Send all of it."""
        self._connected().sendall(message)

    def begun(self, seconds: float) -> bool:
        """Whether there is something to read, or the end, within so many seconds."""
        # Not by the system's select: TLS 1.3 has things of its own to say before the answer.
        connected = self._connected()
        connected.settimeout(seconds)
        try:
            self._first += connected.recv(1)
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            connected.settimeout(self._timeout)
        return True

    def readline(self, size: int) -> bytes:
        """Return at most `size` bytes, up to and with the next line end."""
        first, self._first = self._first, b""
        return first + self._stream().readline(size - len(first))

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        first, self._first = self._first, b""
        return first + self._stream().read(size - len(first))

    def close(self) -> None:
        """Close it, whatever became of it."""
        if self._file:
            self._file.close()
        if self._socket:
            self._socket.close()

    def _stream(self) -> BinaryIO:
        self._file = self._file or self._connected().makefile("rb")
        return self._file

    def _connected(self) -> _socket.socket:
        if not self._socket:
            raise OSError("not connected")
        return self._socket


class poll:  # noqa: N801 - MicroPython's name
    """Waits for connections that have something to read, as MicroPython's does."""

    def __init__(self) -> None:
        self._connections: list[Connection] = []

    def register(self, connection: Connection, _events: int) -> None:
        """Wait for this one too."""
        self._connections.append(connection)

    def poll(self, milliseconds: int) -> list[Connection]:
        """Return those that have something to read, or have ended."""
        return [one for one in self._connections if one.begun(milliseconds / 1000)]


def collect() -> None:
    """Nothing: CPython has let go of what is not used any more."""


# A host's addresses are looked up when it is connected to, one after the other.
socket = SimpleNamespace(
    socket=Connection, getaddrinfo=lambda host, port: [(0, 0, 0, "", (host, port))]
)


class Context:
    """A TLS context for such connections."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.ssl_context = context

    def wrap_socket(self, connection: Connection, server_hostname: str) -> Connection:
        """Return the connection under TLS, its certificate and host name checked."""
        return connection.secured(self.ssl_context, server_hostname)
