"""What may happen how often. Misses count, hits are free: an honest household meets no limit."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from server.core.settings import Settings

if TYPE_CHECKING:
    from server.core.ports import Counters

_MINUTE, _DAY = 60, 86400


class Limit(NamedTuple):
    """At most `amount` in each window of `seconds`, for one key."""

    name: str
    amount: int
    seconds: int


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """Return who is counted together: an IPv4 address, or the /64 of an IPv6 one."""
    return _around(address, 64) or address


@lru_cache(maxsize=4096)
def site(address: str) -> str | None:
    """Return the /48 of an IPv6 address, as one customer may have; None for any other."""
    around = _around(address, 48)
    return around if around and "/" in around else None


def _around(address: str, prefix: int) -> str | None:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), prefix), strict=False))


def take(counters: "Counters", tries: Sequence[tuple[Limit, str]]) -> bool:
    """Count a try against each limit in turn; False, and nothing counted, when one refuses.

    A look comes first, so that tries past a limit cost no write.
    """
    if any(counters.spent(limit, key) for limit, key in tries):
        return False
    for done, (limit, key) in enumerate(tries, start=1):
        if not counters.count(limit, key):
            give_back(counters, tries[:done])
            return False
    return True


def give_back(counters: "Counters", tries: Sequence[tuple[Limit, str]]) -> None:
    """Take a try back that turned out not to count."""
    for limit, key in tries:
        counters.refund(limit, key)


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
        # account and address, and what it refuses does not eat the wide one of the account.
        self.passwords_here = Limit("password-here", 10, 10 * _MINUTE)
        self.passwords_of_address = Limit("password-address", 50, 10 * _MINUTE)
        self.passwords_of_account = Limit("password-account", 100, 10 * _MINUTE)
        self.approvals = Limit("approvals", settings.approvals_per_day, _DAY)
        # Requests of devices and clients.
        self.starts_of_address = Limit("start-address", settings.starts_per_address, window)
        self.starts_of_site = Limit("start-site", 10 * settings.starts_per_address, window)
        self.starts_of_client = Limit("start-client", settings.starts_per_client, window)
        self.unknown_codes = Limit("unknown-code", 100, 10 * _MINUTE)
        # Pushed authorization requests wait in the store for these ten minutes (RFC 9126 2.3).
        self.pushes_of_address = Limit("push-address", settings.starts_per_address, 10 * _MINUTE)
        self.pushes_of_client = Limit("push-client", settings.starts_per_client, 10 * _MINUTE)
        self.proofs = Limit("proof", 10_000, 10 * _MINUTE)  # each is remembered for a while
        self.secrets = Limit("secret", 20, 10 * _MINUTE)
