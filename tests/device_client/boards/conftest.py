"""Runs the scenario files of this folder on a real MicroPython."""

from collections.abc import Callable
from types import ModuleType

import pytest

from tests.device_client import scenarios
from tests.device_client.conftest import ROOT, OnBoard

AllHold = Callable[..., None]


@pytest.fixture
def all_hold_on_board(on_board: OnBoard) -> AllHold:
    """Check that every scenario of a module, given these arguments, holds on MicroPython too."""

    def check(module: ModuleType, *arguments: str, heap: str = "256k") -> None:
        path = f"import sys\nsys.path.append('{ROOT}/tests/device_client/boards')\n"
        printed = on_board(path + scenarios.on_board(module, *arguments), heap=heap)
        assert printed.endswith(scenarios.all_held(module)), printed

    return check
