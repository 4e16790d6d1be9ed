"""Each board's main.py, packed and copied as a maker would, on a real MicroPython.

The server, TLS and the person are real; the Wi-Fi, the buses and the panels behind them are not.
What the person is told, he reads from the panel with the camera of his phone.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image, ImageOps

from server.cli import main
from tests.clients.issuer import Issuer, Registered, running_issuer
from tests.clients.person import Person
from tests.device_client.conftest import ROOT

WIRINGS: dict[str, dict[str, object]] = {
    "esp32-ssd1306": {"panel": "Oled"},
    "esp32s3-st7789": {"panel": "Lcd", "dc": 8, "cs": 10, "reset": 9},
    "pico-w-epaper29": {"panel": "Paper", "dc": 8, "cs": 9, "reset": 12, "busy": 13},
    "pico-w-ssd1306": {"panel": "Oled"},
    "esp8266-text": {"panel": ""},
}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """Give a running server with TLS."""
    with (
        running_issuer(tmp_path_factory.mktemp("issuer")) as issuer,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("REQUESTS_CA_BUNDLE", str(issuer.authority))  # for the person's browser
        yield issuer


@pytest.fixture
def person(issuer: Issuer) -> Iterator[Person]:
    """Give somebody with a phone."""
    person = Person(issuer.url)
    yield person
    person.close()


class BoardOnDesk:
    """A board with all that `pairlight device pack` makes for it on its flash."""

    def __init__(self, micropython: Path, flash: Path, board: str, issuer: Issuer) -> None:
        self._micropython = micropython
        self._flash = flash
        self._pack(board, issuer, issuer.register())
        (flash / "wiring").write_text(json.dumps(WIRINGS[board]))
        config = json.loads((flash / "config.json").read_text())
        config["wifi_name"] = "Home"
        if "accept_unverified_server" in config:
            config["accept_unverified_server"] = True
        (flash / "config.json").write_text(json.dumps(config))

    def _pack(self, board: str, issuer: Issuer, client: Registered) -> None:
        given = ["--board", board, "--issuer", issuer.url, "--client-id", client.client_id]
        given += ["--ca-file", str(issuer.authority), "--output", str(self._flash)]
        packed = CliRunner().invoke(main, ["device", "pack", *given])
        assert packed.exit_code == 0, packed.output

    @contextmanager
    def power(self) -> Iterator[IO[str]]:
        """Power it until the block ends; yield its console."""
        modules = f"{ROOT}/tests/device_client/boards/modules"
        process = subprocess.Popen(
            [self._micropython, "-X", "heapsize=8m", "main.py"],
            cwd=self._flash,
            env={"MICROPYPATH": f"{modules}:{self._flash}/lib:{ROOT}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        with process.stdout as console:
            try:
                yield console
            finally:
                process.kill()
                process.wait()


def scanned(rows: list[str]) -> str:
    """Return what a camera makes of a panel: pixels of light on black, some of a QR symbol's."""
    picture = Image.new("1", (len(rows[0]), len(rows)))
    picture.putdata([int(pixel) for row in rows for pixel in row])
    seen = ImageOps.expand(picture.convert("L").resize((picture.width * 4, picture.height * 4)), 40)
    codes = zxingcpp.read_barcodes(seen)
    return codes[0].text if codes else ""


def user_code(console: IO[str]) -> str:
    """Read what the board shows, until there is a code."""
    said = []
    for line in console:
        said.append(line if not line.startswith("screen") else "screen\n")
        if line.startswith("screen") and (link := scanned(line.split()[1:])):
            return link.rpartition("/")[2]
        if line.startswith("and enter"):
            return line.split()[-1]
    raise AssertionError("".join(said))


def answer(console: IO[str]) -> str:
    """Read until the API has answered."""
    said = []
    for line in console:
        if line.startswith("The API answers"):
            return line
        said.append(line if not line.startswith("screen") else "screen\n")
    raise AssertionError("".join(said))


@pytest.mark.parametrize("board", WIRINGS)
def test_main(
    board: str, micropython: Path, tmp_path: Path, issuer: Issuer, person: Person
) -> None:
    """A person signs the board in by what it shows, and it calls an API; after a power cut too."""
    on_desk = BoardOnDesk(micropython, tmp_path / "flash", board, issuer)
    with on_desk.power() as console:
        person.decide_device(user_code(console), "approve")
        assert answer(console).startswith("The API answers 200")
    with on_desk.power() as console:
        assert answer(console).startswith("The API answers 200")
