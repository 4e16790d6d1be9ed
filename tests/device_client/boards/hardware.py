"""What MicroPython's modules for hardware do, as far as board code uses them; on both Pythons."""

NOT_FOUND, TOO_SHORT = -0x1102, -0x110C


class Clock:
    """The module `time`: a clock that moves by sleeping, in a year of its own."""

    def __init__(self, year: int = 2026) -> None:
        self.year = year
        self.now_ms = 0

    def gmtime(self) -> tuple[int, ...]:
        return (self.year, 1, 1, 0, 0, 0, 0, 1)

    def ticks_ms(self) -> int:
        return self.now_ms

    def sleep_ms(self, duration: int) -> None:
        self.now_ms += duration


class Station:
    """Wi-Fi that joins `joins_after` looks after `connect`; below 0 it never does."""

    def __init__(self, joins_after: int = 1, is_esp32: bool = False) -> None:
        self.joins_after = joins_after
        self.is_esp32 = is_esp32
        self.calls: list[object] = []
        self.clock = Clock()
        self.connected_at: list[int] = []
        self.state = 0
        self._looks = -1

    def active(self, on: bool) -> None:
        self.calls.append(("active", on))

    def config(self, **options: int) -> None:
        if not self.is_esp32:
            raise ValueError("unknown config param")
        self.calls.append(options)

    def connect(self, name: str, password: str) -> None:
        self.calls.append((name, password))
        self.connected_at.append(self.clock.now_ms)
        self._looks = 0

    def disconnect(self) -> None:
        if not self._looks + 1:
            raise OSError("not started")
        self.lose()

    def lose(self) -> None:
        """The network is gone, until `connect`."""
        self._looks = -1

    def isconnected(self) -> bool:
        if self._looks < 0 or self.joins_after < 0:
            return False
        self._looks += 1
        return self._looks > self.joins_after

    def status(self) -> int:
        return self.state


class Network:
    """The module `network`, with one station."""

    STA_IF = 0
    STAT_WRONG_PASSWORD = 202
    STAT_NO_AP_FOUND = 201

    def __init__(self, station: Station) -> None:
        self.station = station

    def WLAN(self, interface: int) -> Station:  # noqa: N802
        assert interface == self.STA_IF
        return self.station


class Nvs:
    """`esp32.NVS`: what is set counts once it is committed, as after a power cut."""

    def __init__(self) -> None:
        self.flash: dict[str, bytes] = {}
        self._new: dict[str, bytes] = {}

    def set_blob(self, key: str, value: bytes) -> None:
        self._new[key] = bytes(value)

    def get_blob(self, key: str, buffer: bytearray) -> int:
        if key not in self._new:
            raise OSError(NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND")
        value = self._new[key]
        if len(value) > len(buffer):
            raise OSError(TOO_SHORT, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(value)] = value
        return len(value)

    def commit(self) -> None:
        self.flash = dict(self._new)

    def cut_power(self) -> None:
        """Only what was committed is still there."""
        self._new = dict(self.flash)
