"""main.py for an ESP32-S3 with a colour display: ST7789, 240x240, on SPI.

    display       ESP32-S3
    VCC           3V3
    GND           GND
    SCL (clock)   GPIO 12
    SDA (data)    GPIO 11
    RES (reset)   GPIO 9
    DC            GPIO 8
    CS            GPIO 10, or none on modules without it
    BLK           3V3 or nothing: the light is on either way

The button is the one called BOOT (GPIO 0). Your settings go into config.json.
"""

import esp32
import network
import ntptime
from machine import SPI, WDT, Pin

from device_client.board import Board
from device_client.boards.screens.st7789 import ST7789
from device_client.nvs_tokens import NvsTokens
from device_client.show_framebuf import FrameBufferDisplay

CLOCK, DATA, RESET, DC, CS = 12, 11, 9, 8, 10
BUTTON = 0


def use(status, body):  # type: ignore[no-untyped-def]
    """What the device is for: each answer of your API comes here. Make it yours."""
    print("The API answers %d with %d bytes." % (status, len(body)))


def open_display() -> FrameBufferDisplay:
    """The colour display. Polarity 1 suits modules without CS as well."""
    spi = SPI(1, baudrate=40000000, polarity=1, phase=1, sck=Pin(CLOCK), mosi=Pin(DATA))
    dc, reset, cs = Pin(DC, Pin.OUT), Pin(RESET, Pin.OUT), Pin(CS, Pin.OUT)
    screen = ST7789(spi, dc, reset, cs)
    return FrameBufferDisplay(screen, 240, 240, screen.flush, lit=0xFFFF, dark=0x0000)


def open_tokens(issuer: str, client_id: str) -> NvsTokens:
    """Tokens are kept in the ESP32's own store."""
    return NvsTokens(esp32.NVS("pairlight"), issuer, client_id)


def main() -> None:
    """Never ends, unless config.json is wrong."""
    button = Pin(BUTTON, Pin.IN, Pin.PULL_UP)
    Board(
        network=network,
        set_time=ntptime.settime,
        pressed=lambda: not button.value(),
        watchdog=lambda: WDT(timeout=30000).feed,
        open_tokens=open_tokens,
        open_display=open_display,
        use=use,
    ).run()


if __name__ == "__main__":
    main()
