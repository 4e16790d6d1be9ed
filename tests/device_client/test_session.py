"""Sessions, on this Python and on a real MicroPython: session_scenarios.py holds the facts."""

import pytest

from tests.device_client import scenarios, session_scenarios
from tests.device_client.conftest import OnBoard


@pytest.mark.parametrize("scenario", scenarios.of(session_scenarios))
def test_session(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_session_on_a_board(on_board: OnBoard) -> None:
    """Every scenario holds on MicroPython too. CL-15."""
    printed = on_board(scenarios.on_board(session_scenarios))
    assert printed.endswith(scenarios.all_held(session_scenarios))
