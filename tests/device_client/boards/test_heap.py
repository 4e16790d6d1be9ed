"""How little memory each board's main.py takes, from the button to the API, on 32 bits.

Over plain http, for TLS takes its memory from elsewhere or by itself; and with a bus that nothing
hangs on. What a board has is in hardware_notes.md.
"""

import json
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

import pytest

from server.cli import device_folder
from tests.device_client.conftest import ROOT

CODES = {
    "device_code": "d" * 43,
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://tv.example.com/device",
    "verification_uri_complete": "https://tv.example.com/D/WDJBMJHT",
    "expires_in": 600,
    "interval": 1,
}
TOKENS = {"access_token": "a" * 600, "token_type": "Bearer", "refresh_token": "r" * 43}
METADATA_BYTES = 2000  # as Pairlight's

# In kilobytes: what was measured, and a tenth.
HEAPS = {
    "esp32-ssd1306": 57,
    "esp32s3-st7789": 58,
    "esp8266-text": 48,
    "pico-w-epaper29": 60,
    "pico-w-ssd1306": 56,
}


class Answers(BaseHTTPRequestHandler):
    """What an authorization server says when everybody is quick."""

    def do_GET(self) -> None:
        if self.path == "/userinfo":
            self._answer({"sub": "1", "name": "Ada"})
            return
        issuer = f"http://127.0.0.1:{cast(HTTPServer, self.server).server_port}"
        names = ("device_authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        metadata = {name: f"{issuer}/{name.removesuffix('_endpoint')}" for name in names}
        self._answer({"issuer": issuer, **metadata, "more": "x" * (METADATA_BYTES - 300)})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(CODES if self.path == "/device_authorization" else TOKENS)

    def _answer(self, members: object) -> None:
        body = json.dumps(members).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    """Give the address of such a server."""
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("board", device_folder.boards())
def test_heap(board: str, micropython: Path, tmp_path: Path, issuer: str) -> None:
    """The whole program, a QR symbol included, stays within its memory. CL-16."""
    given = {"wifi_name": "Home", "issuer": issuer, "client_id": "tv", "allow_plain_http": True}
    settings = device_folder.settings_of(board, given)
    device_folder.write(tmp_path / "flash", board, settings, "")
    with subprocess.Popen(
        [micropython, "-X", f"heapsize={HEAPS[board]}k", "main.py"],
        cwd=tmp_path / "flash",
        env={"MICROPYPATH": f"{ROOT}/tests/device_client/boards/bare:lib"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("The API answers 200"):
                break
        process.kill()
    assert said[-1].startswith("The API answers 200"), "".join(said)
