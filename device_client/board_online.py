"""From a board to its server: Wi-Fi, then the clock, then TLS, then the server's metadata.

In this order: a certificate is judged by the date, and TLS needs much memory in one piece.
"""

import gc
import sys

from .run import fetch
from .transport import split
from .trust import tls_context

# Seconds for each wait on the way to an answer. No watchdog is fed there, and the least patient of
# them bites after 8.
TIMEOUT = 3
YEARS = range(2026, 2100)  # what a clock that is set may say
# All that is kept of the metadata.
ENDPOINTS = ("device_authorization_endpoint", "token_endpoint", "userinfo_endpoint")


class ConfigProblem(Exception):
    """What is wrong with config.json and what belongs there, in one line."""


class Online:
    """A board's way to the server that `config` names.

    wifi                  a `Wifi`
    set_time, tls, clock  as for `Board`
    idle                  idle() is called every 200 ms while there is nothing but to wait
    """

    def __init__(self, config, wifi, set_time, tls, clock, idle) -> None:  # type: ignore[no-untyped-def]
        self._config = config
        self._wifi = wifi
        self._set_time = set_time
        self._tls = tls or _verified
        self._clock = clock
        self._idle = idle
        self._context: object = None

    def metadata(self) -> dict[str, object]:
        """The server's endpoints. OSError or ValueError when there is no getting through now."""
        from .discovery import discover

        drop("discovery")
        config = self._config
        found = discover(config["issuer"], self.fetch, config["allow_plain_http"])
        return {name: found[name] for name in ENDPOINTS if name in found}

    def fetch(self, url, form=None, bearer="", wait=0, idle=None):  # type: ignore[no-untyped-def]
        """As `run.fetch`, within the Wi-Fi and with as much room for TLS as there is."""

        def meanwhile() -> None:
            self._idle()
            if idle:
                idle()

        self._wifi.join()
        self._idle()
        config = self._config
        if url.startswith("https:") and not self._context:
            self._check_clock()
            self._context = self._tls(config)
            self._idle()
        gc.collect()
        plain_http = config["allow_plain_http"] and same_place(url, config["issuer"])
        return fetch(  # type: ignore[no-untyped-call]
            url, form, bearer, self._context, plain_http, TIMEOUT, wait, idle=meanwhile
        )

    def _check_clock(self) -> None:
        # Boards wake up in 1970, 2000 or 2021.
        if self._clock.gmtime()[0] not in YEARS:
            try:
                self._set_time()
            except (OSError, OverflowError):
                pass
            if self._clock.gmtime()[0] not in YEARS:
                raise OSError("no time from NTP")


def _verified(config: dict) -> object:  # type: ignore[type-arg]
    try:
        return tls_context(config["ca_file"])
    except (OSError, ValueError) as problem:
        raise ConfigProblem('"ca_file": %s: %s' % (config["ca_file"], problem)) from None


def same_place(url: str, other: str) -> bool:
    """Whether both have one scheme, host and port."""
    return split(url, True)[:3] == split(other, True)[:3]


def drop(name: str) -> None:
    """Let go of a module that is used once: memory is for what comes next."""
    package = __name__.rpartition(".")[0]
    del sys.modules[package + "." + name]
    delattr(sys.modules[package], name)
