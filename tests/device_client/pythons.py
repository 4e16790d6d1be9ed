"""One function on each Python: here, and on a real MicroPython."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.device_client.conftest import OnBoard

PYTHONS = ["CPython", "MicroPython"]
# Where this port keeps asyncio.
_CODE = """
import json, sys
sys.path.append(".frozen")
import {module} as module
print(json.dumps(module.{function}(*{arguments!r})))
"""

Call = Callable[..., Any]


def caller(request: pytest.FixtureRequest, module: ModuleType, function: str) -> Call:
    """Return how to call a function of a module on the Python that is this fixture's parameter.

    What it returns comes by way of JSON.
    """

    def call(*arguments: object) -> Any:
        if request.param == "CPython":
            return json.loads(json.dumps(getattr(module, function)(*arguments)))
        name = module.__name__.removeprefix("tests.device_client.")
        code = _CODE.format(module=name, function=function, arguments=arguments)
        return json.loads(_on_board(request)(code))

    return call


def _on_board(request: pytest.FixtureRequest) -> OnBoard:
    on_board: OnBoard = request.getfixturevalue("on_board")
    return on_board
