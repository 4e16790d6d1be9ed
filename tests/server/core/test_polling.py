"""What a poll is told, decided from one record and the time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import ErrorCode
from server.core.polling import (
    LONGEST_INTERVAL,
    REFUSALS,
    SLACK,
    Pace,
    deadline,
    keep_pace,
    slow_down,
    state_at,
)
from server.core.records import DeviceAuthorization
from server.core.states import State

ISSUED = DeviceAuthorization(
    device_code_digest=b"",
    user_code_digest=b"",
    user_code_length=8,
    client_id="tv",
    scope="",
    code_challenge=None,
    address="",
    user_agent="",
    device_name="",
    interval=5,
    issued_at=0.0,
    expires_at=600.0,
)


def test_every_state_has_an_answer() -> None:
    """A poll is refused in every state but approved. RFC 8628 3.5."""
    assert set(REFUSALS) == set(State) - {State.APPROVED}


@pytest.mark.parametrize("state", [State.PENDING, State.CLAIMED])
@pytest.mark.parametrize(("now", "expired"), [(599.9, False), (600.0, True), (9e9, True)])
def test_a_request_expires_at_its_time(state: State, now: float, expired: bool) -> None:
    """Undecided requests live for exactly expires_in seconds. DAE-11."""
    found = state_at(ISSUED._replace(state=state), now)
    assert found is (State.EXPIRED if expired else state)


@pytest.mark.parametrize(("now", "state"), [(663.9, State.APPROVED), (664.0, State.EXPIRED)])
def test_an_approval_in_time_leaves_time_to_come_back(now: float, state: State) -> None:
    """A code approved at the last second waits for the slowest of honest devices. STM-08."""
    approved = ISSUED._replace(state=State.APPROVED, decided_at=599.0)
    assert state_at(approved, now) is state


def test_an_early_approval_lasts_to_the_announced_end() -> None:
    """The time to come back never shortens the lifetime. STM-08."""
    assert deadline(ISSUED._replace(state=State.APPROVED, decided_at=10.0)) == 600.0


@pytest.mark.parametrize("state", [State.DENIED, State.REDEEMED])
def test_what_is_final_does_not_expire(state: State) -> None:
    """A denial is still a denial after the end of the lifetime. TOK-07."""
    assert state_at(ISSUED._replace(state=state), 9e9) is state


def test_slow_down_carries_the_interval() -> None:
    """The error body has the new interval in seconds. TOK-05."""
    error = slow_down(10)
    assert (error.code, error.members) == (ErrorCode.SLOW_DOWN, {"interval": 10})


def test_the_first_poll_is_never_early() -> None:
    """Issuing the code was not a poll. TOK-05."""
    assert keep_pace(None, 5, 0.0) == (Pace(5, 0.0), False)


def test_a_clock_set_back_forgives() -> None:
    """A poll that seems to come before the last one is in time. STM-14."""
    assert keep_pace(Pace(30, 86400.0), 5, 0.0) == (Pace(5, 0.0), False)


@given(st.lists(st.floats(0, 20), max_size=40), st.integers(1, 60))
def test_a_client_that_obeys_gets_through(gaps: list[float], interval: int) -> None:
    """After any history, waiting the announced interval is enough. TOK-05."""
    now, pace = 0.0, None
    for gap in gaps:
        now += gap
        pace, _ = keep_pace(pace, interval, now)
    announced = pace.interval if pace else interval
    assert announced <= max(LONGEST_INTERVAL, interval)
    assert keep_pace(pace, interval, now + announced)[1] is False


@given(st.lists(st.floats(-SLACK, 5), max_size=40), st.integers(1, 60))
def test_an_honest_client_is_never_slowed(drift: list[float], interval: int) -> None:
    """Polls at the interval less half a second, or later, are always in time. TOK-05."""
    now, pace = 1e9, None
    for late in drift:
        pace, early = keep_pace(pace, interval, now)
        assert not early
        now += interval + late + 1e-6
