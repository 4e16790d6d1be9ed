"""main.py for a Pico W with e-paper: 2.9", 296x128, controller SSD1680, on SPI.

    e-paper       Pico W
    VCC           3V3 (pin 36)
    GND           GND (pin 13)
    CLK           GP10 (pin 14)
    DIN           GP11 (pin 15)
    CS            GP9 (pin 12)
    DC            GP8 (pin 11)
    RST           GP12 (pin 16)
    BUSY          GP13 (pin 17)

These are the pins of the displays that are plugged onto a Pico. The button is the one called
BOOTSEL. Your settings go into config.json.
"""

import network
import ntptime
import rp2
from machine import SPI, WDT, Pin

from device_client.board import Board
from device_client.boards.screens.epaper29 import EPaper
from device_client.show_framebuf import FrameBufferDisplay
from device_client.token_file import TokenFile

CLOCK, DATA, CS, DC, RESET, BUSY = 10, 11, 9, 8, 12, 13


def use(status, body):  # type: ignore[no-untyped-def]
    """What the device is for: each answer of your API comes here. Make it yours."""
    print("The API answers %d with %d bytes." % (status, len(body)))


def open_display() -> FrameBufferDisplay:
    """The e-paper. It blinks when it changes, so the time left is in minutes."""
    spi = SPI(1, baudrate=4000000, sck=Pin(CLOCK), mosi=Pin(DATA))
    # After the bus, which takes GP8 for itself until then.
    cs, dc, reset = Pin(CS, Pin.OUT), Pin(DC, Pin.OUT), Pin(RESET, Pin.OUT)
    screen = EPaper(spi, cs, dc, reset, Pin(BUSY, Pin.IN))
    return FrameBufferDisplay(screen, 296, 128, screen.flush, paper=True)


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
