"""The module `network` of a board in its Wi-Fi. When asked for it, it prints what the panel shows.

Boards ask before each request, so after each screen.
"""

from machine import PANEL

STA_IF = 0


class WLAN:
    """Connected."""

    def __init__(self, interface: int) -> None:
        pass

    def isconnected(self) -> bool:
        if hasattr(PANEL, "picture"):
            print("screen", *PANEL.picture())
        return True
