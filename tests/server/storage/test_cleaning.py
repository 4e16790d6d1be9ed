"""Cleaning takes what is dead, and nothing else, while polls go on."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, insert, select

from server.core import polling
from server.core.ports import StoreUnavailable
from server.core.records import DeviceAuthorization, RefreshToken
from server.core.settings import Settings
from server.core.states import State
from server.storage import schema
from server.storage.cleaning import PERIOD, Cleaner, clean
from server.storage.database import Database
from tests.fakes import FakeClock
from tests.server.storage.conftest import (
    ADA,
    CODE,
    GRANT,
    NOW,
    PENDING,
    PUSHED,
    REFRESH_TOKEN,
    SESSION,
    Stores,
)

SETTINGS = Settings()
EARNED = SETTINGS.access_token_lifetime
SPAN = 3000  # seconds before and after now, in which things happen

# One database serves all examples of a test; each begins by emptying it.
on_one_database = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
moments = st.integers(-SPAN, SPAN).map(lambda seconds: NOW + seconds)
device_authorizations = st.builds(
    PENDING._replace,
    interval=st.integers(1, 60),
    issued_at=moments,
    state=st.sampled_from([state for state in State if state is not State.EXPIRED]),
    decided_at=st.none() | moments,
    redeemed_at=st.none() | moments,
    expires_at=moments,
).filter(lambda one: one.issued_at <= one.expires_at)


def fill(database: Database, table: Table, rows: Sequence[Any]) -> None:
    """Put rows in the place of all that a table holds."""
    with database.writing() as connection:
        connection.execute(table.delete())
        for row in rows:
            connection.execute(insert(table).values(row._asdict()))


def left(database: Database, table: Table) -> list[tuple[Any, ...]]:
    """Return all rows of a table."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(table))]


def numbered(rows: list[DeviceAuthorization]) -> list[DeviceAuthorization]:
    """Give each of them names of its own."""
    return [
        row._replace(
            device_code_digest=bytes([number]),
            user_code_digest=bytes([number]),
        )
        for number, row in enumerate(rows)
    ]


# What goes, and what stays


@on_one_database
@given(rows=st.lists(device_authorizations, max_size=8))
def test_no_living_device_authorization_goes(
    database: Database, rows: list[DeviceAuthorization]
) -> None:
    """What went had expired a lifetime ago, and nobody could redeem it any more. STM-11."""
    rows = numbered(rows)
    fill(database, schema.device_authorizations, rows)
    clean(database, SETTINGS, NOW, batch=3)
    kept = left(database, schema.device_authorizations)
    for row in rows:
        if tuple(row) not in kept:
            lifetime = row.expires_at - row.issued_at
            assert max(row.expires_at + lifetime, polling.deadline(row)) <= NOW
            assert row.redeemed_at is None or row.redeemed_at + 60 <= NOW


@on_one_database
@given(
    created=st.lists(moments, min_size=1, max_size=4),
    tokens=st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3), moments), max_size=8),
)
def test_no_living_grant_goes(
    database: Database, created: list[float], tokens: list[tuple[int, int, float]]
) -> None:
    """What went had neither a refresh token nor an access token that is still good. STM-11."""
    grants = [
        GRANT._replace(grant_id=str(number), created_at=at) for number, at in enumerate(created)
    ]
    refresh_tokens = [
        RefreshToken(bytes([number]), str(grant % len(grants)), order, expires_at)
        for number, (grant, order, expires_at) in enumerate(tokens)
    ]
    fill(database, schema.refresh_tokens, [])
    fill(database, schema.grants, grants)
    fill(database, schema.refresh_tokens, refresh_tokens)
    clean(database, SETTINGS, NOW, batch=3)
    kept = {row[0] for row in left(database, schema.refresh_tokens)}
    for token in refresh_tokens:
        assert token.digest in kept or token.expires_at + EARNED <= NOW
    for gone in {grant.grant_id for grant in grants} - {
        row[0] for row in left(database, schema.grants)
    }:
        assert created[int(gone)] + EARNED <= NOW
        assert not [
            token for token in refresh_tokens if token.grant_id == gone and token.digest in kept
        ]


class Mark(NamedTuple):
    """A row of the marks, which are no record of the core's."""

    key: bytes
    expires_at: float


DEAD_AND_LIVING: list[tuple[Table, Any, Any]] = [
    (
        schema.device_authorizations,
        PENDING._replace(issued_at=NOW - 1200, expires_at=NOW - 600),
        PENDING._replace(issued_at=NOW - 1199, expires_at=NOW - 599),
    ),
    (
        schema.sessions,
        SESSION._replace(seen_at=NOW - 1801),
        SESSION._replace(seen_at=NOW - 1800),
    ),
    (
        schema.sessions,
        SESSION._replace(created_at=NOW - 43201),
        SESSION._replace(created_at=NOW - 43200),
    ),
    (schema.grants, GRANT._replace(created_at=NOW - EARNED), GRANT._replace(created_at=NOW)),
    (
        schema.authorization_codes,
        CODE._replace(expires_at=NOW - EARNED),
        CODE._replace(expires_at=NOW - EARNED + 1),
    ),
    (
        schema.pushed_requests,
        PUSHED._replace(expires_at=NOW),
        PUSHED._replace(expires_at=NOW + 1),
    ),
    (schema.marks, Mark(b"m" * 32, NOW), Mark(b"m" * 32, NOW + 1)),
]


@pytest.mark.parametrize(("table", "dead", "living"), DEAD_AND_LIVING)
def test_the_dead_go(stores: Stores, table: Table, dead: Any, living: Any) -> None:
    """A row goes as soon as it is dead, and not a second earlier. STM-11, RB-06."""
    stores.accounts.add(ADA)
    fill(stores.database, table, [living])
    assert clean(stores.database, SETTINGS, NOW) == 0
    fill(stores.database, table, [dead])
    assert clean(stores.database, SETTINGS, NOW) == 1
    assert left(stores.database, table) == []


def test_a_spent_refresh_token_is_remembered(stores: Stores) -> None:
    """A token that was used is kept while it could be used again by a thief. RT-02."""
    spent = REFRESH_TOKEN._replace(number=0, expires_at=NOW + 1)
    fill(stores.database, schema.grants, [GRANT._replace(created_at=0)])
    fill(stores.database, schema.refresh_tokens, [spent])
    assert clean(stores.database, SETTINGS, NOW) == 0
    assert stores.grants.find_refresh_token(spent.digest) == spent


def test_a_used_code_is_remembered(stores: Stores) -> None:
    """A code that comes again is recognised as long as the access token it earned. AC-05."""
    used = CODE._replace(grant_id=GRANT.grant_id)
    fill(stores.database, schema.authorization_codes, [used])
    assert clean(stores.database, SETTINGS, used.expires_at + EARNED - 1) == 0
    assert stores.authorization_codes.find(used.digest) == used


def test_a_grant_goes_after_its_tokens(stores: Stores) -> None:
    """Grant and refresh tokens go in one cleaning, when the last access token is dead. STM-11."""
    fill(stores.database, schema.grants, [GRANT._replace(created_at=0)])
    fill(stores.database, schema.refresh_tokens, [REFRESH_TOKEN._replace(expires_at=NOW)])
    assert clean(stores.database, SETTINGS, NOW + EARNED - 1) == 0
    assert clean(stores.database, SETTINGS, NOW + EARNED) == 2


# How it goes


def many(count: int) -> list[DeviceAuthorization]:
    """Return as many dead device authorizations."""
    return numbered([PENDING._replace(issued_at=0, expires_at=1)] * count)


@pytest.mark.parametrize("batch", [1, 7, 8, 9])
def test_batches_leave_nothing(database: Database, batch: int) -> None:
    """However few at a time, in the end all are gone and counted. RB-06."""
    fill(database, schema.device_authorizations, many(8))
    assert clean(database, SETTINGS, NOW, batch) == 8
    assert left(database, schema.device_authorizations) == []


def test_two_cleaners_at_once_do_no_harm(database: Database) -> None:
    """Cleaners of two nodes take each row once, and none of them fails. STM-11."""
    fill(database, schema.device_authorizations, [*many(60), PENDING])
    barrier = threading.Barrier(2)

    def work(_: int) -> int:
        barrier.wait()
        return clean(database, SETTINGS, NOW, batch=2)

    with ThreadPoolExecutor(2) as pool:
        gone = sum(pool.map(work, range(2)))
    assert gone + clean(database, SETTINGS, NOW) == 60
    assert left(database, schema.device_authorizations) == [tuple(PENDING)]


def test_polls_go_on(stores: Stores) -> None:
    """While cleaning runs in a loop, each poll finds its code and each start gets one. STM-11."""
    fill(stores.database, schema.device_authorizations, [PENDING])
    done = threading.Event()

    def keep_cleaning() -> None:
        while not done.is_set():
            clean(stores.database, SETTINGS, NOW, batch=1)

    with ThreadPoolExecutor(1) as pool:
        cleaning = pool.submit(keep_cleaning)
        for dead in many(100):
            assert stores.device_authorizations.add(dead)
            assert stores.device_authorizations.standing(PENDING.device_code_digest)
        done.set()
        cleaning.result()


# The thread


class Stop(threading.Event):
    """Lets a cleaner go round a number of times and notes how long it would have waited."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return len(self.waits) > self.rounds or self.is_set()


@pytest.mark.parametrize(("chance", "wait"), [(b"\0", PERIOD / 2), (b"\xff", 1.5 * PERIOD)])
def test_it_cleans_now_and_then(stores: Stores, chance: bytes, wait: float) -> None:
    """The cleaner first waits, each time about the period, by chance more or less. RB-06."""
    fill(stores.database, schema.device_authorizations, many(1))
    stop = Stop(rounds=1)
    Cleaner(stores.database, SETTINGS, FakeClock(NOW), lambda _: chance, stop).run()
    assert stop.waits == [wait, wait]
    assert left(stores.database, schema.device_authorizations) == []


def test_it_survives_a_store_that_fails(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing store is logged, and the next round cleans. RB-07."""
    fill(stores.database, schema.device_authorizations, many(1))
    reading = stores.database.reading

    def fail() -> Any:
        monkeypatch.setattr(stores.database, "reading", reading)
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(stores.database, "reading", fail)
    Cleaner(stores.database, SETTINGS, FakeClock(NOW), bytes, Stop(rounds=2)).run()
    assert "cannot clean: the disk is full" in caplog.text
    assert left(stores.database, schema.device_authorizations) == []


def test_it_stops_when_closed(stores: Stores) -> None:
    """Closing ends the thread, and closing one that never started is nothing. LO-02."""
    started, idle = (Cleaner(stores.database, SETTINGS, FakeClock(NOW), bytes) for _ in range(2))
    with closing(started), closing(idle):
        started.start()
    assert not started._thread.is_alive()
