"""What any store of device authorizations does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Barrier

import pytest
from sqlalchemy import Connection, event

from server.core.ports import StoreUnavailable
from server.core.records import RefreshToken, Standing
from server.core.states import State
from tests.server.storage.conftest import ADA, GRANT, NOW, PENDING, REFRESH_TOKEN, Stores

THREADS = 16
APPROVED = PENDING._replace(
    state=State.APPROVED,
    version=2,
    subject=ADA.subject,
    session_digest=b"s" * 32,
    decided_at=NOW + 9,
)
REDEEMED = APPROVED._replace(
    state=State.REDEEMED, version=3, redeemed_at=NOW + 10, grant_id=GRANT.grant_id
)


def test_it_comes_back_by_each_of_its_names(stores: Stores) -> None:
    """A device authorization is found by either of its codes. DAE-10."""
    store = stores.device_authorizations
    assert store.add(PENDING)
    assert store.find_by_device_code(PENDING.device_code_digest) == PENDING
    assert store.find_by_user_code(PENDING.user_code_digest) == PENDING


def test_a_poll_is_told_how_it_stands(stores: Stores) -> None:
    """What a poll reads are columns of the record itself. TOK-05."""
    store = stores.device_authorizations
    assert store.add(APPROVED)
    standing = store.standing(APPROVED.device_code_digest)
    assert standing == Standing(*(getattr(APPROVED, name) for name in Standing._fields))


def test_what_is_unknown_is_none(stores: Stores) -> None:
    """One name is not taken for another. TOK-07."""
    store = stores.device_authorizations
    assert store.add(PENDING)
    assert store.find_by_device_code(PENDING.user_code_digest) is None
    assert store.find_by_user_code(PENDING.device_code_digest) is None
    assert store.standing(PENDING.user_code_digest) is None


@pytest.mark.parametrize("state", State)
def test_a_state_comes_back_as_one(stores: Stores, state: State) -> None:
    """A state is a State again, on the poll's path too. STM-02."""
    stores.device_authorizations.add(APPROVED._replace(state=state))
    found = stores.device_authorizations.find_by_device_code(APPROVED.device_code_digest)
    standing = stores.device_authorizations.standing(APPROVED.device_code_digest)
    assert found
    assert standing
    assert found.state is state
    assert standing.state is state


@pytest.mark.parametrize("name", ["device_code_digest", "user_code_digest"])
def test_each_name_is_unique(stores: Stores, name: str) -> None:
    """A second one with any of the first one's names is refused, and the first stays. DAE-10."""
    other = PENDING._replace(
        device_code_digest=b"2" * 32, user_code_digest=b"2" * 32, client_id="other"
    )
    assert stores.device_authorizations.add(PENDING)
    assert not stores.device_authorizations.add(other._replace(**{name: getattr(PENDING, name)}))
    assert stores.device_authorizations.find_by_device_code(PENDING.device_code_digest) == PENDING


def test_a_swap_writes_every_field(stores: Stores) -> None:
    """What was swapped in is there, field by field. STM-05."""
    stores.device_authorizations.add(PENDING)
    assert stores.device_authorizations.swap(PENDING, APPROVED)
    assert stores.device_authorizations.find_by_device_code(PENDING.device_code_digest) == APPROVED


def test_a_swap_of_an_old_version_changes_nothing(stores: Stores) -> None:
    """A swap that had read an older version is refused. STM-03, STM-04."""
    stores.device_authorizations.add(PENDING)
    assert stores.device_authorizations.swap(PENDING, APPROVED)
    assert not stores.device_authorizations.swap(PENDING, PENDING._replace(version=1))
    assert stores.device_authorizations.find_by_device_code(PENDING.device_code_digest) == APPROVED


def test_a_swap_of_an_unknown_one_is_refused(stores: Stores) -> None:
    """What is not there cannot be swapped, and is not made. STM-02."""
    assert not stores.device_authorizations.swap(PENDING, APPROVED)
    assert stores.device_authorizations.find_by_device_code(PENDING.device_code_digest) is None


def test_of_many_threads_one_swaps(stores: Stores) -> None:
    """Threads that all read one version and swap at once: exactly one wins. STM-01."""
    stores.device_authorizations.add(PENDING)
    barrier = Barrier(THREADS)

    def swap(number: int) -> bool:
        mine = PENDING._replace(version=1, subject=f"person {number}")
        barrier.wait()
        return stores.device_authorizations.swap(PENDING, mine)

    with ThreadPoolExecutor(THREADS) as pool:
        won = list(pool.map(swap, range(THREADS)))
    found = stores.device_authorizations.find_by_device_code(PENDING.device_code_digest)
    assert (won.count(True), found and found.subject) == (1, f"person {won.index(True)}")


@pytest.mark.parametrize("refresh_token", [None, REFRESH_TOKEN])
def test_a_redemption_keeps_what_it_issues(
    stores: Stores, refresh_token: RefreshToken | None
) -> None:
    """A redemption swaps and keeps grant and refresh token, if there is one. STM-06."""
    stores.device_authorizations.add(APPROVED)
    assert stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, refresh_token)
    assert stores.device_authorizations.find_by_device_code(APPROVED.device_code_digest) == REDEEMED
    assert stores.grants.find(GRANT.grant_id) == GRANT
    assert stores.grants.find_refresh_token(REFRESH_TOKEN.digest) == refresh_token


def test_a_second_redemption_leaves_nothing(stores: Stores) -> None:
    """A redemption that comes second is refused and issues nothing. STM-01."""
    second = GRANT._replace(grant_id="second")
    stores.device_authorizations.add(APPROVED)
    assert stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, None)
    assert not stores.device_authorizations.redeem(APPROVED, REDEEMED, second, REFRESH_TOKEN)
    assert stores.grants.find("second") is None
    assert stores.grants.find_refresh_token(REFRESH_TOKEN.digest) is None


SECOND = GRANT._replace(grant_id="second", created_at=NOW + 30)
AGAIN = REDEEMED._replace(version=4, grant_id=SECOND.grant_id)


def test_a_repeated_redemption_ends_the_first(stores: Stores) -> None:
    """When the answer was lost, what it held dies as the next one is issued. STM-10."""
    stores.device_authorizations.add(APPROVED)
    stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, REFRESH_TOKEN)
    assert stores.device_authorizations.redeem(REDEEMED, AGAIN, SECOND, None)
    assert stores.grants.find(GRANT.grant_id) == GRANT._replace(revoked_at=NOW + 30, version=1)
    assert stores.grants.find(SECOND.grant_id) == SECOND
    assert stores.grants.find_refresh_token(REFRESH_TOKEN.digest) is None


@pytest.mark.parametrize("revoked", [True, False])
def test_a_grant_that_ended_or_was_used_is_not_replaced(stores: Stores, revoked: bool) -> None:
    """A device that has refreshed, or was shut out, gets nothing new for its code. STM-10."""
    stores.device_authorizations.add(APPROVED)
    stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, REFRESH_TOKEN)
    if revoked:
        stores.grants.revoke(GRANT.grant_id, NOW + 20)
    else:
        used = GRANT._replace(current=1, issued=2, version=1)
        stores.grants.rotate(GRANT, used, REFRESH_TOKEN._replace(digest=b"2" * 32, number=2))
    before = stores.grants.find(GRANT.grant_id)
    issued = REFRESH_TOKEN._replace(digest=b"3" * 32, grant_id=SECOND.grant_id)
    assert not stores.device_authorizations.redeem(REDEEMED, AGAIN, SECOND, issued)
    assert stores.device_authorizations.find_by_device_code(APPROVED.device_code_digest) == REDEEMED
    assert stores.grants.find(GRANT.grant_id) == before
    assert stores.grants.find(SECOND.grant_id) is None
    assert stores.grants.find_refresh_token(REFRESH_TOKEN.digest) == REFRESH_TOKEN


def test_a_repeated_redemption_that_comes_second_ends_nothing(stores: Stores) -> None:
    """One that had read an older version is refused, and the grant lives on. STM-10."""
    stores.device_authorizations.add(APPROVED)
    stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, None)
    assert not stores.device_authorizations.redeem(
        REDEEMED._replace(version=2), AGAIN, SECOND, None
    )
    assert stores.grants.find(GRANT.grant_id) == GRANT
    assert stores.grants.find(SECOND.grant_id) is None


def test_of_many_redemptions_at_once_one_issues(stores: Stores) -> None:
    """Polls that all saw the approval redeem at once: one grant, one refresh token. STM-01."""
    stores.device_authorizations.add(APPROVED)
    barrier = Barrier(THREADS)

    def redeem(number: int) -> bool:
        grant = GRANT._replace(grant_id=f"grant {number}")
        token = REFRESH_TOKEN._replace(digest=bytes([number]) * 32, grant_id=grant.grant_id)
        barrier.wait()
        mine = REDEEMED._replace(grant_id=grant.grant_id)
        return stores.device_authorizations.redeem(APPROVED, mine, grant, token)

    with ThreadPoolExecutor(THREADS) as pool:
        won = list(pool.map(redeem, range(THREADS)))
    kept = [number for number in range(THREADS) if stores.grants.find(f"grant {number}")]
    assert (won.count(True), kept) == (1, [won.index(True)])


def test_of_many_threads_one_adds(stores: Stores) -> None:
    """Of requests that drew one user code at once, one keeps it. DAE-10."""
    barrier = Barrier(THREADS)

    def add(number: int) -> bool:
        mine = PENDING._replace(device_code_digest=bytes([number]))
        barrier.wait()
        return stores.device_authorizations.add(mine)

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(add, range(THREADS))).count(True) == 1


@pytest.mark.parametrize(
    ("now", "at_most", "count"),
    [(NOW, 9, 3), (NOW, 2, 2), (NOW + 599, 9, 3), (NOW + 600, 9, 2), (NOW + 602, 9, 0)],
)
def test_the_living_are_counted(stores: Stores, now: float, at_most: int, count: int) -> None:
    """Those count that have not expired, and counting ends at a bound. RL-14."""
    for number in range(3):
        mine = PENDING._replace(
            device_code_digest=bytes([number]),
            user_code_digest=bytes([number]),
            expires_at=NOW + 600 + number,
        )
        assert stores.device_authorizations.add(mine)
    assert stores.device_authorizations.count_live(now, at_most) == count


@contextmanager
def failing_at(stores: Stores, statement: str) -> Iterator[None]:
    """Let the database fail when it comes to a statement."""

    def fail(connection: Connection, _: object = None, text: str = "COMMIT", *__: object) -> None:
        if text.startswith(statement):
            raise StoreUnavailable("the disk is full")

    with ExitStack() as stack:
        for name in ("before_cursor_execute", "commit"):
            event.listen(stores.database._engine, name, fail)
            stack.callback(event.remove, stores.database._engine, name, fail)
        yield


@pytest.mark.parametrize(
    "statement",
    ["UPDATE device_authorizations", "INSERT INTO grants", "INSERT INTO refresh_tokens", "COMMIT"],
)
def test_a_redemption_is_whole_or_nothing(stores: Stores, statement: str) -> None:
    """A redemption that fails at any step leaves the code approved and no token. STM-06."""
    stores.device_authorizations.add(APPROVED)
    with failing_at(stores, statement), pytest.raises(StoreUnavailable):
        stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, REFRESH_TOKEN)
    assert stores.device_authorizations.find_by_device_code(APPROVED.device_code_digest) == APPROVED
    assert stores.grants.find(GRANT.grant_id) is None
    assert stores.device_authorizations.redeem(APPROVED, REDEEMED, GRANT, REFRESH_TOKEN)
