"""The module `machine` with nothing wired to it, for measuring: as small as can be."""


class Pin:
    """A button that is pressed, a display that is not busy."""

    IN = OUT = PULL_UP = 0

    def __init__(self, *_: int) -> None:
        pass

    def __call__(self, *_: int) -> int:
        return 0

    def value(self) -> int:
        return 0


class I2C:
    """A bus on which everything is taken."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def writeto(self, address: int, data: bytes) -> None:
        pass

    def writevto(self, address: int, pieces: object) -> None:
        pass

    def write(self, data: bytes) -> None:
        pass


SPI = I2C
WDT = None
