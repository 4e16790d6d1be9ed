"""How many codes live, and so how long new ones must be (RFC 8628 5.1)."""

from server.core.errors import TooMany
from server.core.limits import Limits
from server.core.ports import Ports
from server.core.settings import Settings
from server.core.user_code import safe_length

_RECOUNT_EVERY = 5  # seconds
_UNDER_ATTACK = 10  # letters at least, while more is guessed than honest people would


class LiveCodes:
    """Counts in the store now and then, and keeps count of what this process adds in between."""

    def __init__(self, ports: Ports, settings: Settings, limits: Limits) -> None:
        self._ports = ports
        self._settings = settings
        self._limits = limits
        self._counted_at = float("-inf")
        self._count = 0
        self._shortest = settings.user_code_length

    def take(self, now: float) -> int:
        """Make room for one more and return how long its code must be. Raises TooMany."""
        if not 0 <= now - self._counted_at < _RECOUNT_EVERY:
            self._recount(now)
        if self._count >= self._settings.live_device_authorizations:
            raise TooMany("too many device authorizations are waiting", _RECOUNT_EVERY)
        self._count += 1
        return safe_length(self._shortest, self._settings.user_code_misses, self._count)

    def _recount(self, now: float) -> None:
        self._counted_at = now
        bound = self._settings.live_device_authorizations
        self._count = self._ports.device_authorizations.count_live(now, bound)
        attacked = self._ports.kept_counters.spent(self._limits.codes_of_all, "")
        configured = self._settings.user_code_length
        self._shortest = max(configured, _UNDER_ATTACK) if attacked else configured
