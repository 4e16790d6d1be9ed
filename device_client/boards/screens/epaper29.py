"""E-paper of 2.9" with 296x128 pixels and the controller SSD1680, on SPI."""

import time

import framebuf

BUSY_MS = 6000  # before a watchdog of 8 s bites, so that the reason can be told


class EPaper(framebuf.FrameBuffer):
    """A frame buffer, lying on its long side; `flush` brings it onto the paper. 1 is white.

    `spi` is a `machine.SPI` of up to 20 MHz; `cs`, `dc`, `reset` and `busy` are `machine.Pin`s.
    OSError when nothing is there. A refresh takes 2 to 4 s, a watchdog must be that patient.
    """

    def __init__(self, spi, cs, dc, reset, busy) -> None:  # type: ignore[no-untyped-def]
        self._spi = spi
        self._cs = cs
        self._dc = dc
        self._reset = reset
        self._busy = busy
        self._pixels = bytearray(4736)
        super().__init__(self._pixels, 296, 128, framebuf.MONO_VLSB)
        self.fill(1)
        self._start()

    def flush(self) -> None:
        """Show all of it with one full refresh, then sleep: e-paper must not stay under voltage."""
        self._start()
        self._send(0x01, b"\x27\x01\x00")  # 296 lines
        # The controller's lines are our columns, and in them a byte is eight pixels of a column as
        # it is in ours. So it takes the buffer as it stands: along the lines, then one byte back.
        self._send(0x11, b"\x06")
        self._send(0x44, b"\x0f\x00")
        self._send(0x45, b"\x00\x00\x27\x01")
        self._send(0x4E, b"\x0f")
        self._send(0x4F, b"\x00\x00")
        self._send(0x21, b"\x00\x80")  # the panel hangs on the middle ones of the outputs
        self._send(0x3C, b"\x05")  # the border is white
        self._send(0x18, b"\x80")  # its own thermometer picks the waveform
        self._send(0x24, self._pixels)
        self._send(0x22, b"\xf7")  # a full refresh, voltages off afterwards
        self._send(0x20)
        self._wait()
        self._send(0x10, b"\x01")  # deep sleep, from which only a reset wakes

    def _start(self) -> None:
        for level in (0, 1):
            self._reset(level)
            time.sleep_ms(10)  # type: ignore[attr-defined]
        self._wait()
        self._send(0x12)  # all as it was delivered
        self._wait()

    def _send(self, command: int, data: bytes | bytearray = b"") -> None:
        self._cs(0)
        self._dc(0)
        self._spi.write(bytes((command,)))
        if data:
            self._dc(1)
            self._spi.write(data)
        self._cs(1)

    def _wait(self) -> None:
        for _ in range(BUSY_MS // 20):
            if not self._busy():
                return
            time.sleep_ms(20)  # type: ignore[attr-defined]
        raise OSError("e-paper is busy for ever: look at its wires")
