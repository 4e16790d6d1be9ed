"""What any store of authorization codes does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import insert

from server.core.records import AuthorizationCode
from server.storage.schema import grants, refresh_tokens
from tests.server.storage.conftest import CODE, GRANT, NOW, REFRESH_TOKEN, Stores

THREADS = 16
LEAST = CODE._replace(redirect_uri="", code_challenge=None, nonce=None, resource="", dpop_key=None)


@pytest.mark.parametrize("code", [CODE, LEAST])
def test_a_code_comes_back(stores: Stores, code: AuthorizationCode) -> None:
    """A code is found field by field, with what is optional and without. AC-06."""
    stores.authorization_codes.add(code)
    assert stores.authorization_codes.find(code.digest) == code


def test_what_is_unknown_is_none(stores: Stores) -> None:
    """An unknown code is None. AC-06."""
    stores.authorization_codes.add(CODE)
    assert stores.authorization_codes.find(b"another") is None


def test_a_code_is_added_once(stores: Stores) -> None:
    """A digest that is taken is not overwritten. AC-05."""
    stores.authorization_codes.add(CODE)
    with pytest.raises(Exception, match=r"(?i)unique"):
        stores.authorization_codes.add(CODE._replace(subject="thief"))
    assert stores.authorization_codes.find(CODE.digest) == CODE


@pytest.mark.parametrize("with_refresh_token", [False, True])
def test_an_exchange_keeps_what_it_earns(stores: Stores, with_refresh_token: bool) -> None:
    """The code names its grant from then on, and grant and refresh token are there. AC-05."""
    token = REFRESH_TOKEN if with_refresh_token else None
    stores.authorization_codes.add(CODE)
    assert stores.authorization_codes.exchange(CODE, GRANT, token)
    assert stores.authorization_codes.find(CODE.digest) == CODE._replace(grant_id=GRANT.grant_id)
    assert stores.grants.find(GRANT.grant_id) == GRANT
    assert stores.grants.find_refresh_token(REFRESH_TOKEN.digest) == token


def test_a_second_exchange_changes_nothing(stores: Stores) -> None:
    """A used code earns nothing, and still names the first grant. AC-05."""
    stores.authorization_codes.add(CODE)
    stores.authorization_codes.exchange(CODE, GRANT, REFRESH_TOKEN)
    late = GRANT._replace(grant_id="late")
    late_token = REFRESH_TOKEN._replace(digest=b"l" * 32, grant_id="late")
    assert not stores.authorization_codes.exchange(CODE, late, late_token)
    found = stores.authorization_codes.find(CODE.digest)
    assert found is not None
    assert found.grant_id == GRANT.grant_id
    assert stores.grants.find("late") is None
    assert stores.grants.find_refresh_token(late_token.digest) is None


def test_an_unknown_code_earns_nothing(stores: Stores) -> None:
    """A code that was cleaned away meanwhile leaves no grant. AC-05."""
    assert not stores.authorization_codes.exchange(CODE, GRANT, REFRESH_TOKEN)
    assert stores.grants.find(GRANT.grant_id) is None


def test_an_exchange_is_whole_or_nothing(stores: Stores) -> None:
    """An exchange that fails at its last step leaves the code as good as it was. STM-06, AC-05."""
    taken = GRANT._replace(grant_id="taken")
    with stores.database.writing() as connection:
        connection.execute(insert(grants).values(taken._asdict()))
        row = REFRESH_TOKEN._replace(grant_id="taken")._asdict()
        connection.execute(insert(refresh_tokens).values(row))
    stores.authorization_codes.add(CODE)
    with pytest.raises(Exception, match=r"(?i)unique"):
        stores.authorization_codes.exchange(CODE, GRANT, REFRESH_TOKEN)
    assert stores.authorization_codes.find(CODE.digest) == CODE
    assert stores.grants.find(GRANT.grant_id) is None


def test_other_codes_are_not_touched(stores: Stores) -> None:
    """An exchange uses up one code alone. AC-05."""
    other = CODE._replace(digest=b"o" * 32, expires_at=NOW)
    for code in (CODE, other):
        stores.authorization_codes.add(code)
    stores.authorization_codes.exchange(CODE, GRANT, None)
    assert stores.authorization_codes.find(other.digest) == other


def test_of_many_exchanges_at_once_one_counts(stores: Stores) -> None:
    """Of 16 who read an unused code at once, one earns a grant, which the code names. AC-05."""
    stores.authorization_codes.add(CODE)
    barrier = Barrier(THREADS)

    def exchange(number: int) -> bool:
        mine = GRANT._replace(grant_id=str(number))
        token = REFRESH_TOKEN._replace(digest=bytes([number]) * 32, grant_id=str(number))
        barrier.wait()
        return stores.authorization_codes.exchange(CODE, mine, token)

    with ThreadPoolExecutor(THREADS) as pool:
        won = list(pool.map(exchange, range(THREADS)))
    kept = [number for number in range(THREADS) if stores.grants.find(str(number))]
    found = stores.authorization_codes.find(CODE.digest)
    assert found is not None
    assert (won.count(True), kept) == (1, [won.index(True)])
    assert found.grant_id == str(won.index(True))
