"""What any store of sessions does."""

import pytest

from tests.server.storage.conftest import ADA, NOW, SESSION, Stores


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


def test_a_sign_in_leaves_others_alone(stores: Stores) -> None:
    """Old sessions are the cleaner's work: a sign-in deletes none. SE-02."""
    stores.sessions.add(SESSION)
    later = SESSION._replace(digest=b"l" * 32, created_at=NOW + 86400, seen_at=NOW + 86400)
    stores.sessions.add(later)
    assert stores.sessions.find(SESSION.digest) == SESSION
    assert stores.sessions.find(later.digest) == later
