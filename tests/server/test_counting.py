"""Counters of one process, which cost next to nothing."""

import pytest

from server.core.limits import Limit
from server.counting import QuickCounters
from tests.fakes import FakeClock

LIMIT = Limit("start-address", 3, 600)


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def counters(clock: FakeClock) -> QuickCounters:
    """Give counters with room for four windows."""
    return QuickCounters(clock, most_keys=4)


def spend(counters: QuickCounters, key: str) -> None:
    """Use up all that a key has."""
    for _ in range(LIMIT.amount):
        assert counters.count(LIMIT, key)


def test_the_last_one_is_counted(counters: QuickCounters) -> None:
    """As many as the limit says are let through; then nothing is left. RL-14."""
    assert not counters.spent(LIMIT, "here")
    assert [counters.count(LIMIT, "here") for _ in range(4)] == [True, True, True, False]
    assert counters.spent(LIMIT, "here")


def test_a_window_ends(counters: QuickCounters, clock: FakeClock) -> None:
    """A window begins with its first count and ends after its time. RL-14."""
    spend(counters, "here")
    clock.advance(599)
    assert counters.spent(LIMIT, "here")
    clock.advance(1)
    assert not counters.spent(LIMIT, "here")


def test_a_clock_set_back_binds_nobody(counters: QuickCounters, clock: FakeClock) -> None:
    """A count from a future that did not come is not spent, before anything is counted. STM-14."""
    spend(counters, "here")
    clock.advance(-86400)
    assert not counters.spent(LIMIT, "here")


def test_many_keys_push_out_the_oldest_alone(counters: QuickCounters) -> None:
    """A stranger with many addresses does not set everybody's counters to nothing. RL-14."""
    for key in ("one", "two", "three", "four", "five"):
        spend(counters, key)
    assert [counters.spent(LIMIT, key) for key in ("one", "two", "five")] == [False, True, True]


def test_a_window_that_begins_anew_is_young(counters: QuickCounters, clock: FakeClock) -> None:
    """What is oldest is told by when its window began, not its key's first one. RL-14."""
    for key in ("one", "two", "three", "four"):
        spend(counters, key)
    clock.advance(600)
    spend(counters, "one")
    spend(counters, "five")
    assert counters.spent(LIMIT, "one")
    assert len(counters._windows) == 4


def test_nothing_is_refunded_beyond_nothing(counters: QuickCounters) -> None:
    """A refund gives one back, and never more than was counted. RL-04."""
    counters.refund(LIMIT, "here")
    spend(counters, "here")
    counters.refund(LIMIT, "here")
    assert [counters.count(LIMIT, "here") for _ in range(2)] == [True, False]
