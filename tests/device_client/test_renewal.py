"""Renewals, on this Python and on a real MicroPython: renewal_scenarios.py holds the facts."""

import pytest

from tests.device_client import renewal_scenarios, scenarios
from tests.device_client.conftest import OnBoard


@pytest.mark.parametrize("scenario", scenarios.of(renewal_scenarios))
def test_renewal(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_renewal_on_a_board(on_board: OnBoard) -> None:
    """Every scenario holds on MicroPython too. CL-15."""
    printed = on_board(scenarios.on_board(renewal_scenarios))
    assert printed.endswith(scenarios.all_held(renewal_scenarios))
