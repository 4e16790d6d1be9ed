"""The module `rp2` of a board whose button is pressed."""


def bootsel_button() -> int:
    """Pressed."""
    return 1
