"""Display controllers behind a bus, as their data sheets have them: what was sent ends in memory.

For tests of the drivers on MicroPython; nothing here comes from the drivers.
"""


class Oled:
    """SSD1306 or SH1106 on I2C: eight pages of `columns` bytes, 1 is lit."""

    def __init__(self, columns: int = 128) -> None:
        self.memory = [bytearray(columns) for _ in range(8)]
        self.is_on = False
        self.addresses: set[int] = set()
        self._page = self._column = 0

    def writeto(self, address: int, data: bytes) -> None:
        self.addresses.add(address)
        kind, data = data[0], data[1:]
        if kind == 0x40:
            for byte in data:
                self.memory[self._page][self._column] = byte
                self._column += 1
            return
        assert kind == 0, "neither commands nor data"
        commands = list(data)
        while commands:
            self._command(commands.pop(0), commands)

    def writevto(self, address: int, pieces: tuple[bytes, ...]) -> None:
        self.writeto(address, b"".join(bytes(piece) for piece in pieces))

    def _command(self, command: int, more: list[int]) -> None:
        if command in (0xAE, 0xAF):
            self.is_on = command == 0xAF
        elif 0xB0 <= command <= 0xB7:
            self._page = command & 7
        elif command < 0x10:
            self._column = self._column & 0xF0 | command
        elif command < 0x20:
            self._column = self._column & 0x0F | (command & 15) << 4
        elif command == 0x20:
            assert more.pop(0) == 2, "page addressing"
        elif command in (0x81, 0x8D, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB):
            more.pop(0)
        else:
            assert command in (0x40, 0xA1, 0xA4, 0xA6, 0xC8), hex(command)

    def pixel(self, x: int, y: int) -> int:
        return self.memory[y // 8][x] >> y % 8 & 1

    def picture(self) -> tuple[str, ...]:
        """Rows of 0 and 1."""
        return tuple(["".join([str(self.pixel(x, y)) for x in range(128)]) for y in range(64)])


class Pin:
    """A level that can be set by calling, as machine.Pin's."""

    def __init__(self, on_change=None) -> None:  # type: ignore[no-untyped-def]
        self.level = -1
        self._on_change = on_change

    def __call__(self, level: int) -> None:
        self.level = level
        if self._on_change:
            self._on_change(level)


class SpiPanel:
    """What controllers on SPI have in common: commands while DC is low, chosen while CS is low."""

    def __init__(self) -> None:
        self.dc = Pin()
        self.cs = Pin()
        self.reset = Pin(self._reset)
        self.ready = False
        self.command = -1
        self.parameters = bytearray()

    def _reset(self, level: int) -> None:
        self.ready = bool(level)
        self.command = -1

    def write(self, data: bytes) -> None:
        assert self.ready, "in reset"
        assert self.cs.level == 0, "not listening"
        if self.dc.level:
            self.parameters.extend(data)
            self.data(bytes(data))
            return
        for byte in data:
            self.command = byte
            self.parameters = bytearray()
            self.begin(byte)

    def begin(self, command: int) -> None:
        """A command came."""
        raise NotImplementedError

    def data(self, data: bytes) -> None:
        """What belongs to it came."""
        raise NotImplementedError


class Lcd(SpiPanel):
    """ST7789: pixels of 16 bits, written through a window; 240x320, or with `turn` 0x20 320x240."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = [[-1] * 320 for _ in range(320)]
        self.turn = -1
        self.is_on = False

    def begin(self, command: int) -> None:
        assert command in (0x11, 0x21, 0x29, 0x2A, 0x2B, 0x2C, 0x36, 0x3A), hex(command)
        if command == 0x29:
            self.is_on = True
        if command == 0x2C:
            self._x, self._y = self._left, self._top

    def data(self, data: bytes) -> None:
        if self.command == 0x3A:
            assert data == b"\x55", "16 bits"
        elif self.command == 0x36:
            self.turn = data[0]
        elif self.command == 0x2A:
            self._left, self._right = data[0] << 8 | data[1], data[2] << 8 | data[3]
        elif self.command == 0x2B:
            self._top, self._below = data[0] << 8 | data[1], data[2] << 8 | data[3]
        elif self.command == 0x2C:
            for at in range(0, len(data), 2):
                self.memory[self._y][self._x] = data[at] << 8 | data[at + 1]
                self._step()

    def _step(self) -> None:
        self._x += 1
        if self._x > self._right:
            self._x = self._left
            self._y += 1
            if self._y > self._below:
                self._y = self._top

    def picture(self) -> tuple[str, ...]:
        """Rows of 0 and 1, of the upper part."""
        return tuple(
            ["".join([str(pixel & 1) for pixel in row[:240]]) for row in self.memory[:240]]
        )


class Paper(SpiPanel):
    """SSD1680 with 128 sources and 296 gates; 1 is white. `shown` is what the paper has."""

    def __init__(self) -> None:
        super().__init__()
        self.ram = [bytearray(16) for _ in range(296)]
        self.shown = [bytes(16)] * 296
        self.refreshes = 0
        self.busy_for = 0
        self.asleep = False

    def _reset(self, level: int) -> None:
        super()._reset(level)
        self.asleep = False

    def busy(self) -> bool:
        self.busy_for = max(0, self.busy_for - 1)
        return self.asleep or self.busy_for > 0

    def begin(self, command: int) -> None:
        assert not self.asleep, "asleep"
        assert not self.busy_for, "busy"
        if command == 0x12:
            self.busy_for = 2
        elif command == 0x20:
            assert self.update == 0xF7
            self.shown = [bytes(line) for line in self.ram]
            self.refreshes += 1
            self.busy_for = 5

    def data(self, data: bytes) -> None:
        values = self.parameters
        if self.command == 0x10:
            self.asleep = True
        elif self.command == 0x11:
            self.x_step = 1 if values[0] & 1 else -1
            self.y_step = 1 if values[0] & 2 else -1
            self.y_first = values[0] & 4
        elif self.command == 0x22:
            self.update = values[0]
        elif self.command == 0x44:
            self.xs = tuple(values)
        elif self.command == 0x45 and len(values) == 4:
            self.ys = (values[0] | values[1] << 8, values[2] | values[3] << 8)
        elif self.command == 0x4E:
            self.x = values[0]
        elif self.command == 0x4F and len(values) == 2:
            self.y = values[0] | values[1] << 8
        elif self.command == 0x24:
            for byte in data:
                self.ram[self.y][self.x] = byte
                self._step()

    def _step(self) -> None:
        if self.y_first:
            if self.y != self.ys[1]:
                self.y += self.y_step
                return
            self.y = self.ys[0]
            self.x = self.xs[0] if self.x == self.xs[1] else self.x + self.x_step
        else:
            if self.x != self.xs[1]:
                self.x += self.x_step
                return
            self.x = self.xs[0]
            self.y = self.ys[0] if self.y == self.ys[1] else self.y + self.y_step

    def pixel(self, source: int, gate: int) -> int:
        return self.shown[gate][source // 8] >> 7 - source % 8 & 1

    def picture(self) -> tuple[str, ...]:
        """Rows of 0 and 1, as it lies on its long side."""
        return tuple(
            ["".join([str(self.pixel(127 - y, x)) for x in range(296)]) for y in range(128)]
        )
