"""The board's Wi-Fi: in it, or an error that says why not."""

STEP_MS = 200
PATIENCE_MS = 15000


class Wifi:
    """The network called `name`.

    network   MicroPython's module of that name
    sleep_ms  sleeps for so long; feeds the watchdog
    """

    def __init__(self, network, name: str, password: str, sleep_ms) -> None:  # type: ignore[no-untyped-def]
        self._network = network
        self._station = network.WLAN(network.STA_IF)
        self._name = name
        self._password = password
        self._sleep_ms = sleep_ms

    def join(self) -> None:
        """Be in the network; costs nothing when we are. OSError with the reason after 15 s.

        To be called before anything else on the network: without a network a look-up of a name may
        never come back.
        """
        if self._station.isconnected():
            return
        self._begin()
        for _ in range(PATIENCE_MS // STEP_MS):
            if self._station.isconnected():
                return
            self._sleep_ms(STEP_MS)
        raise OSError("no Wi-Fi: " + self._reason())

    def _begin(self) -> None:
        self._station.active(True)
        try:
            # An ESP32 that tries for ever never says what is wrong, and refuses to begin again.
            self._station.config(reconnects=2)
        except (TypeError, ValueError):  # no ESP32
            pass
        try:
            self._station.disconnect()
        except OSError:
            pass
        self._station.connect(self._name, self._password)

    def _reason(self) -> str:
        status = self._station.status()
        if status == getattr(self._network, "STAT_WRONG_PASSWORD", None):
            return "wrong wifi_password for " + self._name
        if status == getattr(self._network, "STAT_NO_AP_FOUND", None):
            return "there is no " + self._name
        return self._name + " does not answer"
