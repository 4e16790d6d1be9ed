"""A server that answers as Pairlight does, for sign-ins of which only the device is measured."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs

CODES = {
    "device_code": "d" * 43,
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://tv.example.com/device",
    "verification_uri_complete": "https://tv.example.com/D/WDJBMJHT",
    "expires_in": 600,
    "interval": 5,
}
TOKENS = {
    "access_token": "a" * 512,  # a JWT by RFC 9068, signed with ES256
    "token_type": "Bearer",
    "expires_in": 600,
    "refresh_token": "r" * 43,
    "scope": "profile",
}


class _Answers(BaseHTTPRequestHandler):
    # The first poll after each start is told to wait.
    asked: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = parse_qs(self.rfile.read(length).decode())
        if self.path == "/device_authorization":
            self.asked.clear()
            self._answer(200, CODES)
        elif "device_code" in form and not self.asked:
            self.asked.update(form["device_code"])
            self._answer(400, {"error": "authorization_pending"})
        else:
            self._answer(200, TOKENS)

    def _answer(self, status: int, members: object) -> None:
        body = json.dumps(members).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the table is the output."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: a board that runs out of memory hangs up."""


@contextmanager
def serving() -> Iterator[str]:
    """Give the URL of the server while it runs."""
    with _Server(("127.0.0.1", 0), _Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
