"""main.py for an ESP32 with an OLED: SSD1306, 128x64, on I2C.

    OLED    ESP32
    VCC     3V3
    GND     GND
    SCL     GPIO 22
    SDA     GPIO 21

The button is the one called BOOT (GPIO 0). Your settings go into config.json.
"""

import esp32
import network
import ntptime
from machine import I2C, WDT, Pin

from device_client.board import Board
from device_client.boards.screens.ssd1306 import SSD1306
from device_client.nvs_tokens import NvsTokens
from device_client.show_framebuf import FrameBufferDisplay

SCL, SDA = 22, 21
BUTTON = 0


def use(status, body):  # type: ignore[no-untyped-def]
    """What the device is for: each answer of your API comes here. Make it yours."""
    print("The API answers %d with %d bytes." % (status, len(body)))


def open_display() -> FrameBufferDisplay:
    """The OLED."""
    screen = SSD1306(I2C(0, scl=Pin(SCL), sda=Pin(SDA), freq=400000))
    return FrameBufferDisplay(screen, 128, 64, screen.flush)


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
