"""ST7789, colour displays of 240x240 or 320x240 pixels on SPI.

A frame would take 115 KB, so there is none: rectangles go straight onto the panel.
"""

import time

PIECE = 240  # pixels sent at once


class ST7789:
    """`fill_rect` with colours of 16 bits: 5 of red, 6 of green, 5 of blue.

    `spi` is a `machine.SPI` of up to 40 MHz, with polarity 1 for modules that have no CS pin; `dc`,
    `reset` and `cs` are `machine.Pin`s. `turn` is what the data sheet calls MADCTL: 0 is upright,
    0x60 lies on its side.
    """

    def __init__(  # type: ignore[no-untyped-def]
        self, spi, dc, reset, cs=None, width: int = 240, height: int = 240, turn: int = 0
    ) -> None:
        self._spi = spi
        self._dc = dc
        self._cs = cs or bool
        self._width = width
        self._height = height
        self._piece = bytearray(2 * PIECE)
        self._colour = 0
        for level in (1, 0, 1):
            reset(level)
            time.sleep_ms(20)  # type: ignore[attr-defined]
        time.sleep_ms(120)  # type: ignore[attr-defined]
        self._send(0x11)  # wake up, which takes the panel a while
        time.sleep_ms(120)  # type: ignore[attr-defined]
        self._send(0x3A, b"\x55")  # 16 bits to a pixel
        self._send(0x36, bytes((turn,)))
        self._send(0x21)  # these panels are made the other way round
        self.fill_rect(0, 0, width, height, 0)
        self._send(0x29)  # on

    def fill_rect(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Paint a rectangle, as a FrameBuffer would; what lies outside is left out."""
        right = min(x + width, self._width)
        below = min(y + height, self._height)
        x = max(x, 0)
        y = max(y, 0)
        if x >= right or y >= below:
            return
        self._send(0x2A, bytes((x >> 8, x & 255, right - 1 >> 8, right - 1 & 255)))
        self._send(0x2B, bytes((y >> 8, y & 255, below - 1 >> 8, below - 1 & 255)))
        if colour != self._colour:
            self._colour = colour
            self._piece[:] = bytes((colour >> 8, colour & 255)) * PIECE
        self._fill((right - x) * (below - y))

    def flush(self) -> None:
        """Nothing: all is on the panel already."""

    def _fill(self, pixels: int) -> None:
        self._send(0x2C)
        self._cs(0)
        while pixels > 0:
            self._spi.write(memoryview(self._piece)[: 2 * pixels])
            pixels -= PIECE
        self._cs(1)

    def _send(self, command: int, data: bytes = b"") -> None:
        self._cs(0)
        self._dc(0)
        self._spi.write(bytes((command,)))
        self._dc(1)
        if data:
            self._spi.write(data)
        self._cs(1)
