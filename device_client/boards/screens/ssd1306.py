"""SSD1306, the 0.96" OLED of 128x64 pixels on I2C, and its twin of 1.3", the SH1106."""

import framebuf

# From the data sheet's table of commands, for 128x64 with the charge pump of the module.
START = (
    b"\x00"  # commands follow
    b"\xae"  # off while we set it up
    b"\xa8\x3f\xd3\x00\x40"  # 64 rows, from row 0, which is the first in memory
    b"\xa1\xc8\xda\x12"  # the connector is above the picture
    b"\xd5\x80\xd9\xf1\xdb\x40"  # clock, precharge and level as modules want them
    b"\x81\xcf"  # contrast
    b"\x20\x02"  # page after page, the one way that both controllers know
    b"\x8d\x14"  # charge pump
    b"\xa4\xa6\xaf"  # show memory, 1 is lit, on
)


class SSD1306(framebuf.FrameBuffer):
    """A frame buffer; `flush` brings it onto the display.

    `i2c` is a `machine.I2C` of 400 kHz. An SH1106 has memory for 132 columns and shows the middle
    ones: `left` is 2. 1 is lit.
    """

    def __init__(self, i2c, left: int = 0, address: int = 0x3C) -> None:  # type: ignore[no-untyped-def]
        self._i2c = i2c
        self._left = left
        self._address = address
        self._pages = memoryview(bytearray(1024))
        super().__init__(self._pages, 128, 64, framebuf.MONO_VLSB)
        i2c.writeto(address, START)

    def flush(self) -> None:
        """Send all of it, a page of 8 rows at a time: 25 ms."""
        for page in range(8):
            left = self._left
            place = bytes((0, 0xB0 | page, left & 15, 0x10 | left >> 4))
            self._i2c.writeto(self._address, place)
            row = self._pages[128 * page : 128 * page + 128]
            self._i2c.writevto(self._address, (b"\x40", row))
