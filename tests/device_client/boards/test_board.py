"""What all boards do, here and on a real MicroPython: board_scenarios.py holds the facts."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from device_client.flow import SIGNED_IN
from tests.device_client import scenarios
from tests.device_client.boards import board_scenarios
from tests.device_client.boards.conftest import AllHold
from tests.device_client.conftest import ROOT


@pytest.mark.parametrize("scenario", scenarios.of(board_scenarios))
def test_board(scenario: scenarios.Scenario, tmp_path: Path) -> None:
    """Each scenario holds on CPython."""
    scenario(str(tmp_path / "tokens.json"))


def test_keypad(tmp_path: Path) -> None:
    """A board with keys brings the flow of the hardware notes, and it takes their digits. XD-20."""
    notes = (ROOT / "hardware_notes.md").read_text()
    keys = ["", "0", "", "4", "2", "7"]
    main = {"keypad": SimpleNamespace(read=lambda: keys.pop(0))}
    exec(re.findall(r"```python\n(from.*?KeypadFlow.*?)```", notes, re.DOTALL)[0], main)  # noqa: S102 - as main.py
    answers = [*board_scenarios.SIGN_IN[:2], board_scenarios.ASKED, board_scenarios.SIGN_IN[3]]
    world = board_scenarios.World(str(tmp_path / "tokens"), answers, return_code=True)
    world.run(flow_type=main["KeypadFlow"])
    assert world.told[-1] == SIGNED_IN
    assert not keys


def test_board_on_a_board(all_hold_on_board: AllHold, tmp_path: Path) -> None:
    """Every scenario holds on MicroPython too. CL-05, CL-15."""
    all_hold_on_board(board_scenarios, f"{tmp_path}/")
