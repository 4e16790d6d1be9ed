"""A whole sign-in with a return code: a packed board, the real server, a person at both."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_client.button_digits import ButtonFlow
from server.cli import device_folder
from server.core.user_interaction import DeviceRequest
from tests.benchmarks.device.board import Board
from tests.device_client.faults.network import Network, open_network

BOARD = "pico-w-ssd1306"
HEAP = 64 * 1024
FIRST_POLL = ["oauth-authorization-server", "device_authorization", "poll"]


@pytest.fixture(scope="module")
def running_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Serve a client whose devices are to ask for return codes."""
    with open_network(tmp_path_factory.mktemp("careful")) as network:
        network.stage.register("careful", return_code=True)
        yield network


class Desk:
    """A packed board, and a person who approves at its first poll and presses its button then.

    number   what the phone shows
    slip     how far off is what is entered
    """

    def __init__(self, micropython: Path, folder: Path, network: Network) -> None:
        self.number = ""
        self.slip = 0
        self._board = Board(micropython, folder)
        self._network = network
        network.begin()
        network.person = self._approve

    def pack(self, *, return_code: bool) -> None:
        """Put onto the board what `pairlight device pack` makes, and a program."""
        given = {"wifi_name": "Home", "client_id": "careful", "return_code": return_code}
        given |= {"issuer": self._network.proxy.url, "allow_plain_http": True}
        settings = device_folder.settings_of(BOARD, given)
        device_folder.write(self._board.folder, BOARD, settings, "")
        self._board.compile(Path(__file__).parent / "button_life.py", "button_life")

    def live(self) -> list[str]:
        """Return what a life of the board prints."""
        code = "import button_life\nbutton_life.live()"
        return (self._board.run(code, HEAP, Path("lib")) or "no memory").splitlines()

    def _approve(self) -> None:
        if self.number:
            return
        code = re.findall(rb'"user_code":"(.*?)"', b"\n".join(self._network.proxy.answers))[-1]
        stage = self._network.stage
        session = stage.session()
        approved = stage.server.approve(stage.claim(code.decode(), session), session)
        assert isinstance(approved, DeviceRequest)
        self.number = str(approved.return_code)
        entered = f"{(int(self.number) + self.slip) % 10_000:04}"
        (self._board.folder / "number").write_text(entered)


@pytest.fixture
def desk(micropython: Path, tmp_path: Path, running_network: Network) -> Desk:
    """Return a board with nothing on it yet."""
    return Desk(micropython, tmp_path, running_network)


def test_sign_in(desk: Desk, running_network: Network) -> None:
    """The number of the phone, entered by the button, signs a board in. XD-20."""
    desk.pack(return_code=True)
    printed = desk.live()
    taken = [f"So far: {desk.number[:length]}" for length in (1, 2, 3, 4)]
    assert printed == ["WELCOME", ButtonFlow.how, *taken, "SIGNED IN", "The API answers 200"]
    assert running_network.proxy.asked == [*FIRST_POLL, "poll", "userinfo"]


def test_wrong_number(desk: Desk, running_network: Network) -> None:
    """Another number is the end of it: there is no second try. XD-20."""
    desk.slip = 1
    desk.pack(return_code=True)
    assert desk.live()[-2:] == [f"So far: {(int(desk.number) + 1) % 10_000:04}", "DENIED"]
    assert running_network.proxy.asked == [*FIRST_POLL, "poll"]


def test_board_that_does_not_ask(desk: Desk) -> None:
    """A board that is not to ask for it ends without tokens, though it was approved. XD-20."""
    desk.pack(return_code=False)
    assert desk.live() == ["WELCOME", "EXPIRED"]
    assert desk.number


def test_modules_are_missing(desk: Desk, tmp_path: Path) -> None:
    """The setting alone is not enough, and the board says what is. XD-20."""
    desk.pack(return_code=False)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"return_code": True}))
    assert desk.live() == ['"return_code": pack again, with --return-code', "FAILED"]
