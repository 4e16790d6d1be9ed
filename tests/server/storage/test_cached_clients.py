"""Clients remembered for a moment."""

from collections.abc import Callable

import pytest

from server.core.records import Client
from server.storage import cached_clients
from server.storage.cached_clients import FRESH, CachedClients
from tests.fakes import FakeClock
from tests.server.storage.conftest import TV


class Counting:
    """Clients in a dictionary, which notes who was looked for."""

    def __init__(self) -> None:
        self.known: dict[str, Client] = {}
        self.asked: list[str] = []

    def add(self, client: Client) -> bool:
        return self.known.setdefault(client.client_id, client) is client

    def find(self, client_id: str) -> Client | None:
        self.asked.append(client_id)
        return self.known.get(client_id)

    def origins(self) -> frozenset[str]:
        self.asked.append("origins")
        return frozenset(client.origins for client in self.known.values())


@pytest.fixture
def behind() -> Counting:
    """Give the store behind the cache, with one client."""
    store = Counting()
    store.add(TV)
    return store


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def clients(behind: Counting, clock: FakeClock) -> CachedClients:
    """Give the cache."""
    return CachedClients(behind, clock)


def test_a_client_is_looked_up_once(clients: CachedClients, behind: Counting) -> None:
    """Within a moment the store is asked once, and the answer is the same. RB-03."""
    assert [clients.find("tv") for _ in range(3)] == [TV] * 3
    assert behind.asked == ["tv"]


@pytest.mark.parametrize("seconds", [FRESH, -1])
def test_a_change_is_seen_soon(
    clients: CachedClients, behind: Counting, clock: FakeClock, seconds: float
) -> None:
    """What another process changed is seen within the time promised, however clocks go. DAE-03."""
    clients.find("tv")
    behind.known["tv"] = TV._replace(secret_digest=b"new")
    clock.advance(seconds)
    assert clients.find("tv") == TV._replace(secret_digest=b"new")


@pytest.mark.parametrize("seconds", [FRESH, -1])
def test_origins_are_remembered_for_a_moment(
    clients: CachedClients, behind: Counting, clock: FakeClock, seconds: float
) -> None:
    """Strangers who ask cost nothing, and a new origin is seen within the time promised. TE-13."""
    assert [clients.origins() for _ in range(3)] == [{""}] * 3
    assert behind.asked == ["origins"]
    behind.known["tv"] = TV._replace(origins="null")
    clock.advance(seconds)
    assert clients.origins() == {"null"}


def test_an_added_client_is_seen_at_once(clients: CachedClients) -> None:
    """That a client was unknown a moment ago is not remembered. DAE-02."""
    radio = TV._replace(client_id="radio")
    assert clients.find("radio") is None
    assert clients.add(radio)
    assert clients.find("radio") == radio


def test_a_taken_name_stays_taken(clients: CachedClients) -> None:
    """Adding under a taken name is refused, and what is found stays. RFC 6749 2.2."""
    clients.find("tv")
    assert not clients.add(TV._replace(name="Another"))
    assert clients.find("tv") == TV


def test_a_removed_client_is_forgotten(
    clients: CachedClients, behind: Counting, clock: FakeClock
) -> None:
    """A client that is gone is not found again. STM-12."""
    clients.find("tv")
    del behind.known["tv"]
    clock.advance(FRESH)
    assert [clients.find("tv"), clients.find("tv")] == [None, None]


@pytest.mark.parametrize("name", [str, lambda number: f"client {number % 5}"])
def test_its_memory_is_bounded(
    clients: CachedClients,
    behind: Counting,
    monkeypatch: pytest.MonkeyPatch,
    name: Callable[[int], str],
) -> None:
    """The client found longest ago makes room, and strangers take none. RB-06."""
    monkeypatch.setattr(cached_clients, "_AT_MOST", 3)
    for number in range(5):
        clients.add(TV._replace(client_id=f"client {number}"))
    for number in range(50):
        clients.find(name(number))
    assert len(clients._found) <= 3
