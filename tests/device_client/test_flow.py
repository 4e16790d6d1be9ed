"""The flow, on this Python and on a real MicroPython: flow_scenarios.py holds the facts."""

import pytest

from tests.device_client import flow_scenarios, scenarios
from tests.device_client.conftest import OnBoard


@pytest.mark.parametrize("scenario", scenarios.of(flow_scenarios))
def test_flow(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_flow_on_a_board(on_board: OnBoard) -> None:
    """Every scenario holds on MicroPython too. CL-13."""
    printed = on_board(scenarios.on_board(flow_scenarios))
    assert printed.endswith(scenarios.all_held(flow_scenarios))
