"""The return code by one button, here and on a real MicroPython: button_scenarios.py has it."""

from pathlib import Path

import pytest

from tests.device_client import scenarios
from tests.device_client.boards import button_scenarios
from tests.device_client.boards.conftest import AllHold
from tests.device_client.test_compiled import compiled


@pytest.mark.parametrize("scenario", scenarios.of(button_scenarios))
def test_button_digits(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_button_digits_on_a_board(all_hold_on_board: AllHold) -> None:
    """Every scenario holds on MicroPython too. XD-20."""
    all_hold_on_board(button_scenarios)


def test_size(tmp_path: Path) -> None:
    """It takes less than 700 bytes of flash. CL-16."""
    assert compiled("button_digits", tmp_path) < 700
