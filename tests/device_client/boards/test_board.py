"""What all boards do, here and on a real MicroPython: board_scenarios.py holds the facts."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from device_client import board_online
from tests.device_client import scenarios
from tests.device_client.boards import board_scenarios
from tests.device_client.boards.conftest import AllHold


@pytest.mark.parametrize("scenario", scenarios.of(board_scenarios))
def test_board(
    scenario: scenarios.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each scenario holds on CPython."""
    monkeypatch.setattr(
        board_online, "gc", SimpleNamespace(collect=bool)
    )  # of all tests, it takes long
    scenario(str(tmp_path / "tokens.json"))


def test_board_on_a_board(all_hold_on_board: AllHold, tmp_path: Path) -> None:
    """Every scenario holds on MicroPython too. CL-05, CL-15."""
    all_hold_on_board(board_scenarios, f"{tmp_path}/")
