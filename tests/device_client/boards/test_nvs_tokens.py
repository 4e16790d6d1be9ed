"""Tokens in an ESP32's store, here and on a real MicroPython: nvs_scenarios.py holds the facts."""

import pytest

from tests.device_client import scenarios
from tests.device_client.boards import nvs_scenarios
from tests.device_client.boards.conftest import AllHold


@pytest.mark.parametrize("scenario", scenarios.of(nvs_scenarios))
def test_nvs_tokens(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_nvs_tokens_on_a_board(all_hold_on_board: AllHold) -> None:
    """Every scenario holds on MicroPython too. CL-15."""
    all_hold_on_board(nvs_scenarios)
