"""config.json, here and on a real MicroPython: config_scenarios.py holds the facts."""

from pathlib import Path

import pytest

from tests.device_client import scenarios
from tests.device_client.boards import config_scenarios
from tests.device_client.boards.conftest import AllHold


@pytest.mark.parametrize("scenario", scenarios.of(config_scenarios))
def test_board_config(scenario: scenarios.Scenario, tmp_path: Path) -> None:
    """Each scenario holds on CPython."""
    scenario(str(tmp_path / "config.json"))


def test_board_config_on_a_board(all_hold_on_board: AllHold, tmp_path: Path) -> None:
    """Every scenario holds on MicroPython too. CL-09."""
    all_hold_on_board(config_scenarios, f"{tmp_path}/")
