"""What any store of sessions does."""

import pytest

from tests.server.storage.conftest import ADA, IDLE_LIFETIME, NOW, SESSION, Stores


@pytest.fixture(autouse=True)
def _ada(stores: Stores) -> None:
    assert stores.accounts.add(ADA)


def test_a_session_comes_back(stores: Stores) -> None:
    """A session is found by its digest alone. SE-02."""
    stores.sessions.add(SESSION)
    assert stores.sessions.find(SESSION.digest) == SESSION
    assert stores.sessions.find(b"another") is None


def test_a_visit_is_noted(stores: Stores) -> None:
    """A visit moves the time of the last one and nothing else. SE-02."""
    stores.sessions.add(SESSION)
    stores.sessions.touch(SESSION.digest, NOW + 60)
    assert stores.sessions.find(SESSION.digest) == SESSION._replace(seen_at=NOW + 60)


def test_a_session_ends(stores: Stores) -> None:
    """A session that was ended is gone; ending it again is nothing. SE-03."""
    stores.sessions.add(SESSION)
    stores.sessions.remove(SESSION.digest)
    stores.sessions.remove(SESSION.digest)
    assert stores.sessions.find(SESSION.digest) is None


def test_a_visit_does_not_bring_a_session_back(stores: Stores) -> None:
    """Noting a visit to a session that was ended does not revive it. SE-03."""
    stores.sessions.add(SESSION)
    stores.sessions.remove(SESSION.digest)
    stores.sessions.touch(SESSION.digest, NOW)
    assert stores.sessions.find(SESSION.digest) is None


@pytest.mark.parametrize(("idle", "kept"), [(IDLE_LIFETIME, True), (IDLE_LIFETIME + 1, False)])
def test_a_dead_session_makes_room(stores: Stores, idle: int, kept: bool) -> None:
    """A new sign-in drops the sessions that nobody came back to, and no living one. SE-02."""
    stores.sessions.add(SESSION)
    later = SESSION._replace(digest=b"l" * 32, created_at=NOW + idle, seen_at=NOW + idle)
    stores.sessions.add(later)
    assert (stores.sessions.find(SESSION.digest) is not None) is kept
    assert stores.sessions.find(later.digest) == later
