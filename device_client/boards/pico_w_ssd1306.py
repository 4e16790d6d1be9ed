"""main.py for a Pico W with an OLED: SSD1306, 128x64, on I2C.

    OLED    Pico W
    VCC     3V3 (pin 36)
    GND     GND (pin 38)
    SDA     GP4 (pin 6)
    SCL     GP5 (pin 7)

The button is the one called BOOTSEL. Your settings go into config.json.
"""

import network
import ntptime
import rp2
from machine import I2C, WDT, Pin

from device_client.board import Board
from device_client.boards.screens.ssd1306 import SSD1306
from device_client.show_framebuf import FrameBufferDisplay
from device_client.token_file import TokenFile

SDA, SCL = 4, 5


def use(status, body):  # type: ignore[no-untyped-def]
    """What the device is for: each answer of your API comes here. Make it yours."""
    print("The API answers %d with %d bytes." % (status, len(body)))


def open_display() -> FrameBufferDisplay:
    """The OLED."""
    screen = SSD1306(I2C(0, scl=Pin(SCL), sda=Pin(SDA), freq=400000))
    return FrameBufferDisplay(screen, 128, 64, screen.flush)


def open_tokens(issuer: str, client_id: str) -> TokenFile:
    """Tokens are kept in a file on the board."""
    return TokenFile("tokens.json", issuer, client_id)


def main() -> None:
    """Never ends, unless config.json is wrong."""
    Board(
        network=network,
        set_time=ntptime.settime,
        pressed=rp2.bootsel_button,
        watchdog=lambda: WDT(timeout=8388).feed,  # it cannot be more patient
        open_tokens=open_tokens,
        open_display=open_display,
        use=use,
    ).run()


if __name__ == "__main__":
    main()
