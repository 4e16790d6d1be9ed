"""Wi-Fi, here and on a real MicroPython: wifi_scenarios.py holds the facts."""

import pytest

from tests.device_client import scenarios
from tests.device_client.boards import wifi_scenarios
from tests.device_client.boards.conftest import AllHold


@pytest.mark.parametrize("scenario", scenarios.of(wifi_scenarios))
def test_wifi(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_wifi_on_a_board(all_hold_on_board: AllHold) -> None:
    """Every scenario holds on MicroPython too. CL-04."""
    all_hold_on_board(wifi_scenarios)
