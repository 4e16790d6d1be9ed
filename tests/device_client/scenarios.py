"""Runs the scenario files here and on a board: every function named test_ in them is one fact."""

from collections.abc import Callable
from types import ModuleType

Scenario = Callable[..., None]


def of(module: ModuleType) -> list[Scenario]:
    """Return the scenarios of a module."""
    return [value for name, value in vars(module).items() if name.startswith("test_")]


def on_board(module: ModuleType, *arguments: str) -> str:
    """Return code that runs them all under MicroPython and prints how many held.

    Each gets the arguments with its own name at the end: paths of files of its own.
    """
    name = module.__name__.rpartition(".")[2]
    return f"""
import {name} as module
scenarios = [name for name in dir(module) if name.startswith("test_")]
for name in scenarios:
    print(name)
    getattr(module, name)(*[argument + name for argument in {arguments!r}])
print(len(scenarios), "held")
"""


def all_held(module: ModuleType) -> str:
    """Return the last line that a board prints when all is well."""
    return f"{len(of(module))} held\n"
