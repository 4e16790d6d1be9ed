"""What any store of grants does."""

import pytest
from sqlalchemy import insert

from server.core.records import RefreshToken
from server.storage.schema import grants, refresh_tokens
from tests.server.storage.conftest import GRANT, NOW, REFRESH_TOKEN, Stores

NEXT = REFRESH_TOKEN._replace(digest=b"n" * 32, generation=2)
ROTATED = GRANT._replace(generation=1, version=1)


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


def test_a_rotation_leaves_one_successor(stores: Stores) -> None:
    """A successor that nobody used is replaced by the next one. RT-02."""
    again = NEXT._replace(digest=b"a" * 32)
    assert stores.grants.rotate(GRANT, ROTATED, NEXT)
    assert stores.grants.rotate(ROTATED, ROTATED._replace(version=2), again)
    assert not found(stores, NEXT)
    assert found(stores, again)


def test_a_rotation_of_an_old_version_changes_nothing(stores: Stores) -> None:
    """Of two rotations of one version, the second is refused and leaves no token. RT-02."""
    late = NEXT._replace(digest=b"l" * 32)
    assert stores.grants.rotate(GRANT, ROTATED, NEXT)
    assert not stores.grants.rotate(GRANT, ROTATED, late)
    assert not found(stores, late)


def test_a_rotation_is_whole_or_nothing(stores: Stores) -> None:
    """A rotation that fails at its last step changes neither grant nor tokens. STM-06."""
    with pytest.raises(Exception, match="UNIQUE"):
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
