"""Registered clients, remembered for a moment: every request of a device asks for its own."""

import threading
from typing import NamedTuple

from server.core.ports import Clients, Clock
from server.core.records import Client

FRESH = 5  # seconds
_AT_MOST = 1000  # clients


class _Found(NamedTuple):
    client: Client
    at: float


class _Origins(NamedTuple):
    listed: frozenset[str]
    at: float


class CachedClients:
    """Plays `server.core.ports.Clients` before another that does.

    A change that another process makes is seen here within FRESH seconds. Unknown clients are not
    remembered: a client is known as soon as it is added, and strangers cannot fill the memory.
    """

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._found: dict[str, _Found] = {}
        self._origins: _Origins | None = None
        self._lock = threading.Lock()  # of changes; looking takes none

    def add(self, client: Client) -> bool:
        """Add a client; False when its client_id is taken."""
        return self._clients.add(client)

    def find(self, client_id: str) -> Client | None:
        """Return the client of that id."""
        found = self._found.get(client_id)
        now = self._clock()
        if found and _is_fresh(found.at, now):
            return found.client
        client = self._clients.find(client_id)
        self._remember(client_id, client, now)
        return client

    def origins(self) -> frozenset[str]:
        """Return every origin that any client lists. Strangers ask, so the whole is remembered."""
        found, now = self._origins, self._clock()
        if found is None or not _is_fresh(found.at, now):
            self._origins = found = _Origins(self._clients.origins(), now)
        return found.listed

    def _remember(self, client_id: str, client: Client | None, now: float) -> None:
        with self._lock:
            self._found.pop(client_id, None)
            if client:
                if len(self._found) >= _AT_MOST:
                    del self._found[next(iter(self._found))]  # the one found longest ago
                self._found[client_id] = _Found(client, now)


def _is_fresh(at: float, now: float) -> bool:
    return 0 <= now - at < FRESH  # a clock that was set back ends it
