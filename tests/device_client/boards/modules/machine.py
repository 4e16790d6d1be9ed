"""The module `machine` of a board that has a panel: `wiring` in config.json's folder tells which.

{"panel": "Paper", "dc": 8, "cs": 9, "reset": 12, "busy": 13}     numbers of pins
"""

import json

from tests.device_client.boards.panels import Lcd, Oled, Paper

with open("wiring") as _file:  # noqa: PTH123 - MicroPython has no pathlib
    WIRING = json.load(_file)
PANEL = {"Oled": Oled, "Lcd": Lcd, "Paper": Paper, "": bool}[WIRING["panel"]]()


class Pin:
    """A pin; to the panel if it is wired, else a button that is pressed."""

    IN = OUT = PULL_UP = 0

    def __init__(self, number: int, mode: int = 0, pull: int = 0) -> None:
        wired = [name for name in WIRING if WIRING[name] == number]
        self._to = getattr(PANEL, wired[0]) if wired else None

    def __call__(self, *level: int) -> object:
        return self._to(*level) if self._to else None

    def value(self) -> int:
        return 0


def I2C(*_: object, **__: object) -> object:  # noqa: N802 - as the real one
    """The bus of the panel."""
    return PANEL


SPI = I2C


class WDT:
    """A patient watchdog."""

    def __init__(self, timeout: int) -> None:
        self.timeout = timeout

    def feed(self) -> None:
        """Nothing happens to those who do not."""
