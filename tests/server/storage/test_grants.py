"""What any store of grants does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import insert

from server.core.records import RefreshToken
from server.storage.schema import grants, refresh_tokens
from tests.server.storage.conftest import GRANT, NOW, REFRESH_TOKEN, Stores

THREADS = 16
NEXT = REFRESH_TOKEN._replace(digest=b"n" * 32, number=2)
ROTATED = GRANT._replace(current=1, issued=2, version=1)


@pytest.fixture(autouse=True)
def _a_grant(stores: Stores) -> None:
    with stores.database.writing() as connection:
        connection.execute(insert(grants).values(GRANT._asdict()))
        connection.execute(insert(refresh_tokens).values(REFRESH_TOKEN._asdict()))


def found(stores: Stores, token: RefreshToken) -> bool:
    """Tell whether a refresh token is in the store, as it was."""
    return stores.grants.find_refresh_token(token.digest) == token


def test_a_grant_comes_back(stores: Stores) -> None:
    """A grant and its refresh token are found field by field. RT-01."""
    assert stores.grants.find(GRANT.grant_id) == GRANT
    assert found(stores, REFRESH_TOKEN)


def test_what_is_unknown_is_none(stores: Stores) -> None:
    """An unknown grant or refresh token is None. RT-01."""
    assert stores.grants.find("another") is None
    assert stores.grants.find_refresh_token(b"another") is None


def test_a_rotation_keeps_the_spent_token(stores: Stores) -> None:
    """After a rotation the new token is there, and the old one to be recognised. RT-02."""
    assert stores.grants.rotate(GRANT, ROTATED, NEXT)
    assert stores.grants.find(GRANT.grant_id) == ROTATED
    assert found(stores, NEXT)
    assert found(stores, REFRESH_TOKEN)


def test_a_rotation_keeps_the_replaced_token(stores: Stores) -> None:
    """Of two successors both are known: whoever has the older one gives himself away. RT-02."""
    stores.grants.rotate(GRANT, ROTATED, NEXT)
    later = NEXT._replace(digest=b"l" * 32, number=3)
    stores.grants.rotate(ROTATED, ROTATED._replace(issued=3, version=2), later)
    assert found(stores, NEXT)
    assert found(stores, later)


def test_a_rotation_of_an_old_version_changes_nothing(stores: Stores) -> None:
    """Of two rotations of one version, the second is refused and leaves no token. RT-02."""
    late = NEXT._replace(digest=b"l" * 32)
    assert stores.grants.rotate(GRANT, ROTATED, NEXT)
    assert not stores.grants.rotate(GRANT, ROTATED, late)
    assert not found(stores, late)


def test_a_rotation_is_whole_or_nothing(stores: Stores) -> None:
    """A rotation that fails at its last step changes neither grant nor tokens. STM-06."""
    with pytest.raises(Exception, match=r"(?i)unique"):
        stores.grants.rotate(GRANT, ROTATED, NEXT._replace(digest=REFRESH_TOKEN.digest))
    assert stores.grants.find(GRANT.grant_id) == GRANT
    assert found(stores, REFRESH_TOKEN)


def test_a_grant_is_revoked_for_good(stores: Stores) -> None:
    """The first revocation counts; the second changes nothing. RT-02."""
    stores.grants.revoke(GRANT.grant_id, NOW + 1)
    stores.grants.revoke(GRANT.grant_id, NOW + 2)
    assert stores.grants.find(GRANT.grant_id) == GRANT._replace(revoked_at=NOW + 1, version=1)


def test_a_revocation_beats_a_rotation(stores: Stores) -> None:
    """A rotation that had read the grant before it was revoked is refused. RT-03."""
    stores.grants.revoke(GRANT.grant_id, NOW)
    assert not stores.grants.rotate(GRANT, ROTATED, NEXT)
    assert not found(stores, NEXT)


def test_revoking_an_unknown_grant_is_nothing(stores: Stores) -> None:
    """An unknown grant can be revoked, and no other is touched. RV-02."""
    stores.grants.revoke("another", NOW)
    assert stores.grants.find(GRANT.grant_id) == GRANT


def test_of_many_rotations_at_once_one_counts(stores: Stores) -> None:
    """Refreshes that all read one version rotate at once: one token is the successor. RT-02."""
    barrier = Barrier(THREADS)

    def rotate(number: int) -> bool:
        mine = NEXT._replace(digest=bytes([number]) * 32)
        barrier.wait()
        return stores.grants.rotate(GRANT, ROTATED, mine)

    with ThreadPoolExecutor(THREADS) as pool:
        won = list(pool.map(rotate, range(THREADS)))
    kept = [
        number
        for number in range(THREADS)
        if stores.grants.find_refresh_token(bytes([number]) * 32)
    ]
    assert (won.count(True), kept) == (1, [won.index(True)])
