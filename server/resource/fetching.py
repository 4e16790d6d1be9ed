"""One HTTP request to the issuer, bounded in time and size, that follows no redirect."""

import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 5.0  # to connect, and again for the answer
LARGEST = 1 << 20  # bytes
_HERE = ("localhost", "127.0.0.1", "::1")


class Unavailable(Exception):
    """What decides about a token is not at hand. Never a refusal: come again (503)."""

    def __init__(self, reason: str, retry_after: float = 5) -> None:
        super().__init__(reason)
        self.retry_after = retry_after  # seconds


def acceptable(url: str) -> bool:
    """Tell whether a URL is https, or http to this very machine, and names a host and no person."""
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
        port_is_fine = parts.port != 0
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not {" ", "@", "#", "\\"} & set(url)
    return secure and plain and port_is_fine and bool(parts.hostname)


def fetch(
    url: object,
    form: Mapping[str, str] | None = None,
    authorization: str = "",
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """POST `form`, or GET without one; return the JSON object that comes back.

    Raises Unavailable for anything else than one in a 200.
    """
    if not isinstance(url, str) or not acceptable(url):
        raise Unavailable(f"not an https URL: {url!r}")
    try:
        status, body = _exchange(url, form, authorization, seconds)
        answer = json.loads(body) if status == 200 else None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise Unavailable(f"{url}: {type(error).__name__}") from error
    if not isinstance(answer, dict):
        raise Unavailable(f"{url}: status {status} or no JSON object")
    return answer


def _exchange(
    url: str, form: Mapping[str, str] | None, authorization: str, seconds: float
) -> tuple[int, bytes]:
    connection = _connection(url, seconds)
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": "application/json", "Connection": "close"}
    if authorization:
        headers["Authorization"] = authorization
    sent = None
    if form is not None:
        sent = urlencode(form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.connect()
        with _Deadline(connection.sock, seconds):
            connection.request("GET" if sent is None else "POST", target, sent, headers)
            response = connection.getresponse()
            body = response.read(LARGEST + 1)
    finally:
        connection.close()
    if len(body) > LARGEST:
        raise Unavailable(f"{url}: the answer is too long")
    return response.status, body


def _connection(url: str, seconds: float) -> HTTPConnection:
    parts = urlsplit(url)
    host = str(parts.hostname)
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port, timeout=seconds)
    return HTTPSConnection(host, parts.port, timeout=seconds, context=_tls())


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Deadline:
    """Hangs up when the time is over: a socket's own timeout starts anew with every byte."""

    def __init__(self, connection: socket, seconds: float) -> None:
        self._connection = connection
        self._timer = Timer(seconds, self._hang_up)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _hang_up(self) -> None:
        with suppress(OSError):  # the other side was first
            # Not the connection's own way, which under TLS forgets its state while it is read.
            socket.shutdown(self._connection, SHUT_RDWR)
