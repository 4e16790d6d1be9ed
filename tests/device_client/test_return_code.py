"""The return code, on this Python and on a real MicroPython: return_code_scenarios.py has it."""

import pytest

from tests.device_client import return_code_scenarios, scenarios
from tests.device_client.conftest import OnBoard


@pytest.mark.parametrize("scenario", scenarios.of(return_code_scenarios))
def test_return_code(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_return_code_on_a_board(on_board: OnBoard) -> None:
    """Every scenario holds on MicroPython too. XD-20."""
    printed = on_board(scenarios.on_board(return_code_scenarios))
    assert printed.endswith(scenarios.all_held(return_code_scenarios))
