"""Whole lives of a 32-bit board with a small heap, against the real server."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.device.board import Board
from tests.device_client.faults.network import Network
from tests.device_client.faults.proxy import answering
from tests.device_client.small_board import SIGNED_IN, small_board

SMALL = 24 * 1024


@pytest.fixture(scope="module")
def board(micropython: Path, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """Return a board with the compiled client and a program that uses it."""
    return small_board(micropython, tmp_path_factory.mktemp("flash"))


def life(board: Board, network: Network, folder: Path, wait: int = 0, heap: int = SMALL) -> str:
    """Return what a board prints in its life."""
    arguments = (network.proxy.url, str(folder / "tokens"), wait)
    return board.run(f"import board_life\nboard_life.live(*{arguments})", heap) or "no memory"


def test_life_in_a_small_heap(board: Board, network: Network, tmp_path: Path) -> None:
    """24 KB are enough for codes, polls, tokens, a renewal and an API with text. CL-16, CL-15."""
    printed = life(board, network, tmp_path).splitlines()
    assert printed[-5:] == ["10 min left", *SIGNED_IN, *SIGNED_IN]
    assert network.proxy.asked == [
        "device_authorization",
        "poll",
        "userinfo",
        "refresh",
        "userinfo",
    ]


def test_held_poll(
    board: Board, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An approval during the first poll, which is held, is heard by that poll. LP-09."""
    room = network.stage.server.ports.waiting_room
    place = room.place

    @contextmanager
    def occupied(digest: bytes, client_id: str) -> Iterator[object]:
        with place(digest, client_id) as mine:
            network.approve()
            yield mine

    network.person = bool
    monkeypatch.setattr(room, "place", occupied)
    printed = life(board, network, tmp_path, wait=20).splitlines()
    assert printed[-4:] == [*SIGNED_IN, *SIGNED_IN]
    assert network.proxy.asked[:3] == ["device_authorization", "poll", "userinfo"]
    assert any(b"Preference-Applied: wait=20" in answer for answer in network.proxy.answers)


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("deny", "Sign-in was denied."),
        ("expire", "The code has expired. Start again for a new one."),
    ],
)
def test_end(board: Board, network: Network, tmp_path: Path, outcome: str, line: str) -> None:
    """A denial and an expiry are told as what they are, and leave no token. CL-17, CL-05."""
    expire = partial(network.stage.clock.advance, 600)
    network.person = network.deny if outcome == "deny" else expire
    assert life(board, network, tmp_path).splitlines()[3:5] == [line, "401 False"]


CUT_WHILE_PENDING = """
import board_life
fetch = board_life.fetch
def cut(url, form, *more, **options):
    if "device_code" in form:
        raise SystemExit
    return fetch(url, form, *more, **options)
board_life.fetch = cut
board_life.live(*{arguments})
"""


def test_restart_while_pending(board: Board, network: Network, tmp_path: Path) -> None:
    """After a power cut the server is asked about the code that people see. CL-14."""
    arguments = (network.proxy.url, str(tmp_path / "tokens"), 0)
    shown = board.run(CUT_WHILE_PENDING.format(arguments=arguments), SMALL)
    again = life(board, network, tmp_path)
    assert shown
    assert shown.splitlines()[:2] == again.splitlines()[:2]
    assert again.splitlines()[-4:] == [*SIGNED_IN, *SIGNED_IN]
    assert network.proxy.asked.count("device_authorization") == 1


def test_nothing_secret_is_printed(board: Board, network: Network, tmp_path: Path) -> None:
    """A board prints the address and the code, and no device code or token. CL-07, CL-12."""
    printed = life(board, network, tmp_path)
    assert len(network.secrets()) == 5
    assert not [secret for secret in network.secrets() if secret in printed]


def test_big_answer_in_a_small_heap(board: Board, network: Network, tmp_path: Path) -> None:
    """An answer that fits our bound but not the memory is waited out like any fault. CL-16."""
    network.proxy.faults = {
        step: [answering("200 OK", b" " * 60_000)]
        for step in ("device_authorization", "poll", "refresh")
    }
    printed = life(board, network, tmp_path).splitlines()
    assert printed[-4:] == [*SIGNED_IN, *SIGNED_IN]


def test_big_object_in_a_small_heap(board: Board, network: Network, tmp_path: Path) -> None:
    """Nor does an object end the program that only fits the memory as text. CL-16."""
    numbers = b'{"a": [%s]}' % b", ".join(b'"%d"' % number for number in range(900))
    network.proxy.faults["device_authorization"] = [answering("200 OK", numbers)]
    lines = life(board, network, tmp_path, heap=32 * 1024).splitlines()
    assert lines[:2] == ["Sign-in failed: invalid_response.", "401 False"]
    assert lines[-2:] == SIGNED_IN
