"""The module `ntptime` where the clock is right."""


def settime() -> None:
    """Nothing to set."""
