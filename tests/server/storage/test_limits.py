"""Counters of limits: shared by all processes, and kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from server.core.limits import Limit
from server.core.ports import StoreUnavailable
from server.storage import schema
from server.storage.cleaning import clean
from server.storage.database import Database, open_database
from server.storage.limits import CountedLimits, SQLStorage
from tests.fakes import FakeClock
from tests.server.storage.conftest import Stores
from tests.server.storage.test_cleaning import SETTINGS, left

LIMIT = Limit("code-account", 3, 600)
THREADS = 8


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def storage(database: Database, clock: FakeClock) -> SQLStorage:
    """Give a storage, on each backend in turn."""
    return SQLStorage(database, clock)


@pytest.fixture
def counters(storage: SQLStorage) -> CountedLimits:
    """Give the counters over it."""
    return CountedLimits(storage)


def test_the_last_one_is_counted(counters: CountedLimits) -> None:
    """As many as the limit says are let through; then nothing is left. RL-01, RL-02."""
    assert [counters.count(LIMIT, "ada") for _ in range(4)] == [True, True, True, False]
    assert counters.spent(LIMIT, "ada")


def test_asking_costs_nothing(counters: CountedLimits) -> None:
    """Asking whether a limit is spent does not count. RL-04."""
    assert not any(counters.spent(LIMIT, "ada") for _ in range(9))


def test_each_key_and_limit_counts_alone(counters: CountedLimits) -> None:
    """Who meets a limit meets it alone, and no other limit with it. RL-04."""
    for _ in range(3):
        counters.count(LIMIT, "ada")
    assert not counters.spent(LIMIT, "bob")
    assert not counters.spent(LIMIT._replace(name="code-address"), "ada")


def test_a_window_ends(counters: CountedLimits, clock: FakeClock) -> None:
    """A window begins with its first count and ends after its time, not before. RL-02."""
    for _ in range(3):
        counters.count(LIMIT, "ada")
    clock.advance(599)
    assert counters.spent(LIMIT, "ada")
    clock.advance(1)
    assert not counters.spent(LIMIT, "ada")
    assert counters.count(LIMIT, "ada")


def test_a_clock_set_back_begins_a_window(counters: CountedLimits, clock: FakeClock) -> None:
    """A count from a future that did not come binds nobody for longer than a window. STM-14."""
    for _ in range(4):
        counters.count(LIMIT, "ada")
    clock.advance(-86400)
    assert counters.count(LIMIT, "ada")
    clock.advance(600)
    assert not counters.spent(LIMIT, "ada")


def test_a_clock_set_back_binds_nobody(counters: CountedLimits, clock: FakeClock) -> None:
    """A count from a future that did not come is not spent, before anything is counted. STM-14."""
    for _ in range(3):
        counters.count(LIMIT, "ada")
    clock.advance(-86400)
    assert not counters.spent(LIMIT, "ada")


def test_a_refund_gives_one_back(counters: CountedLimits) -> None:
    """What turned out not to count can be counted again, but no more than that. RL-04."""
    for _ in range(3):
        counters.count(LIMIT, "ada")
    counters.refund(LIMIT, "ada")
    assert [counters.count(LIMIT, "ada") for _ in range(2)] == [True, False]


def test_nothing_is_refunded_beyond_nothing(counters: CountedLimits) -> None:
    """Refunds never add up to more than the limit. RL-01."""
    for _ in range(5):
        counters.refund(LIMIT, "ada")
    assert [counters.count(LIMIT, "ada") for _ in range(4)].count(True) == 3


@pytest.fixture
def another_process(stores: Stores, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give the same database as another process opens it."""
    name = request.node.callspec.params["database"]
    database = open_database(request.getfixturevalue(name))
    yield database
    database.close()


def test_counts_are_shared_and_kept(
    counters: CountedLimits, another_process: Database, clock: FakeClock
) -> None:
    """An attack goes on where it was, whichever process it meets and after a restart. RL-13."""
    for _ in range(3):
        counters.count(LIMIT, "ada")
    others = CountedLimits(SQLStorage(another_process, clock))
    assert others.spent(LIMIT, "ada")


def test_none_is_lost_at_once(storage: SQLStorage, another_process: Database) -> None:
    """Counts from many threads and two processes at once add up, from the first on. RL-13."""
    storages = (storage, SQLStorage(another_process, FakeClock()))
    barrier = Barrier(THREADS)

    def work(number: int) -> list[int]:
        barrier.wait()
        return [storages[number % 2].incr("key", 600) for _ in range(5)]

    with ThreadPoolExecutor(THREADS) as pool:
        counts = [count for counts in pool.map(work, range(THREADS)) for count in counts]
    assert sorted(counts) == list(range(1, 5 * THREADS + 1))


@pytest.mark.parametrize("key", ["", "\0", "\ud800", "x" * 100_000])
def test_any_key_counts(counters: CountedLimits, key: str) -> None:
    """Whatever somebody typed can be counted. RB-08."""
    assert counters.count(LIMIT._replace(amount=1), key)
    assert counters.spent(LIMIT._replace(amount=1), key)


def test_keys_rest_as_digests(counters: CountedLimits, database: Database) -> None:
    """A password typed in the place of a username is not kept. COD-04."""
    counters.count(LIMIT, "correct horse battery staple")
    ((key, *_),) = left(database, schema.limit_counters)
    assert (len(key), b"horse" in key) == (32, False)


def test_old_counters_are_cleaned(
    counters: CountedLimits, database: Database, clock: FakeClock
) -> None:
    """A counter goes when its window has ended, and not before. STM-11."""
    counters.count(LIMIT, "ada")
    assert clean(database, SETTINGS, clock.now + 599) == 0
    assert clean(database, SETTINGS, clock.now + 600) == 1


# What the library asks of a storage


def test_a_window_tells_its_end(storage: SQLStorage, clock: FakeClock) -> None:
    """The end of a running window is known; without one it is now. RL-12."""
    assert storage.get_expiry("key") == clock.now
    storage.incr("key", 600)
    assert storage.get_expiry("key") == clock.now + 600


def test_counters_can_be_cleared(storage: SQLStorage) -> None:
    """One counter, or all of them, can be set to nothing. RL-01."""
    for key in ("one", "two", "three"):
        storage.incr(key, 600, amount=2)
    storage.clear("one")
    assert [storage.get(key) for key in ("one", "two")] == [0, 2]
    assert storage.reset() == 2
    assert storage.get("two") == 0


def test_a_storage_knows_whether_it_works(
    storage: SQLStorage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that fails is unavailable, and says so when asked. RB-07."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    assert storage.check()
    monkeypatch.setattr(database, "_hot", fail)
    assert not storage.check()
    with pytest.raises(storage.base_exceptions):
        storage.get("key")
