"""What may happen how often. Misses count, hits are free: an honest household meets no limit."""

import ipaddress
from functools import lru_cache
from typing import NamedTuple

from server.core.settings import Settings

_MINUTE, _DAY = 60, 86400


class Limit(NamedTuple):
    """At most `amount` in each window of `seconds`, for one key."""

    name: str
    amount: int
    seconds: int


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """Return who is counted together: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))


class Limits:
    """Every limit of the server, from its settings."""

    def __init__(self, settings: Settings) -> None:
        window = settings.device_code_lifetime
        misses = settings.user_code_misses
        # Wrong user codes (RFC 8628 5.1). Past the last one nobody may type a code for a while.
        self.codes_of_account = Limit("code-account", settings.user_code_misses_per_account, window)
        self.codes_of_address = Limit("code-address", settings.user_code_misses_per_address, window)
        self.codes_of_all = Limit("code-all", misses, window)
        self.codes_paused = Limit("code-paused", 10 * misses, window)
        # Wrong passwords. A stranger elsewhere cannot lock a person out: the strict one is per
        # account and address; the one per account alone is wide.
        self.passwords_here = Limit("password-here", 10, 10 * _MINUTE)
        self.passwords_of_address = Limit("password-address", 50, 10 * _MINUTE)
        self.passwords_of_account = Limit("password-account", 100, 10 * _MINUTE)
        self.approvals = Limit("approvals", settings.approvals_per_day, _DAY)
        # Requests of devices and clients.
        self.starts_of_address = Limit("start-address", settings.starts_per_address, window)
        self.starts_of_client = Limit("start-client", settings.starts_per_client, window)
        self.unknown_codes = Limit("unknown-code", 100, 10 * _MINUTE)
        self.secrets = Limit("secret", 20, 10 * _MINUTE)
