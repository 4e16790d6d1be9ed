"""How a board joins its Wi-Fi, on CPython and MicroPython alike."""

from device_client.wifi import Wifi
from tests.device_client.boards.hardware import Clock, Network, Station


def wifi(station: Station, clock: Clock) -> Wifi:
    return Wifi(Network(station), "Home", "SECRET", clock.sleep_ms)


def told(station: Station, clock: Clock) -> str:
    try:
        wifi(station, clock).join()
    except OSError as error:
        return str(error)
    return ""


def test_joins() -> None:
    """It asks for the network by name and waits until it is in. CL-04."""
    station, clock = Station(joins_after=3), Clock()
    wifi(station, clock).join()
    assert station.calls == [("active", True), ("Home", "SECRET")]
    assert clock.now_ms == 3 * 200


def test_stays() -> None:
    """In the network it does nothing."""
    station, clock = Station(), Clock()
    joined = wifi(station, clock)
    joined.join()
    station.calls, before = [], clock.now_ms
    joined.join()
    assert station.calls == []
    assert clock.now_ms == before


def test_joins_again() -> None:
    """When the network was lost, it asks again. CL-04."""
    station, clock = Station(), Clock()
    joined = wifi(station, clock)
    joined.join()
    station.lose()
    joined.join()
    assert station.calls.count(("Home", "SECRET")) == 2


def test_gives_up() -> None:
    """After 15 s it says so, and no password. CL-12."""
    station, clock = Station(joins_after=-1), Clock()
    assert told(station, clock) == "no Wi-Fi: Home does not answer"
    assert clock.now_ms == 15000


def test_says_why() -> None:
    """A wrong password and an unknown network are told apart."""
    station = Station(joins_after=-1)
    station.state = Network.STAT_WRONG_PASSWORD
    assert told(station, Clock()) == "no Wi-Fi: wrong wifi_password for Home"
    station.state = Network.STAT_NO_AP_FOUND
    assert told(station, Clock()) == "no Wi-Fi: there is no Home"


def test_esp32_stops_trying() -> None:
    """An ESP32 is told not to try for ever, which would hide what is wrong."""
    station = Station(is_esp32=True)
    wifi(station, Clock()).join()
    assert {"reconnects": 2} in station.calls
