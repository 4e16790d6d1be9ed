"""What a poll is told (RFC 8628 3.4-3.5), decided from one record and the time.

Time itself is never written down: whether a request has expired follows from `now`, so a poll
reads and does not write, and no stale write of a poll can undo what a person decided.
"""

from collections.abc import Mapping
from typing import NamedTuple

from server.core.errors import ErrorCode, OAuthError
from server.core.records import DeviceAuthorization, Standing
from server.core.states import Event, State, after
from server.core.user_code import RETURN_CODE_LENGTH

# What a poll is refused with in each state. An approved one is not: it earns the tokens.
REFUSALS: Mapping[State, tuple[ErrorCode, str]] = {
    State.PENDING: (ErrorCode.AUTHORIZATION_PENDING, "the person has not decided yet"),
    State.CLAIMED: (ErrorCode.AUTHORIZATION_PENDING, "the person has not decided yet"),
    State.DENIED: (ErrorCode.ACCESS_DENIED, "the person denied the request"),
    State.REDEEMED: (ErrorCode.INVALID_GRANT, "the device code has been used"),
    State.EXPIRED: (ErrorCode.EXPIRED_TOKEN, "the device code has expired; start again"),
}

# States in which the device waits and its pace counts. In any other the answer is at hand, and an
# early poll gets it: a person who has approved must not wait for a hasty device's penalty.
WAITING = frozenset({State.PENDING, State.CLAIMED})

SLACK = 0.5  # seconds; honest clients at exactly the interval were measured this early
PENALTY = 5  # seconds that slow_down adds for good (RFC 8628 3.5)
ASK_AGAIN = 60  # seconds in which a lost answer can be asked for again
LONGEST_INTERVAL = 60  # seconds; a client that learns to obey gets through within a minute


def state_at(authorization: DeviceAuthorization | Standing, now: float) -> State:
    """Return the state at a time: the stored one, or expired where the table allows it."""
    expired = after(authorization.state, Event.EXPIRE)
    return expired if expired and now >= deadline(authorization) else authorization.state


def deadline(authorization: DeviceAuthorization | Standing) -> float:
    """Return when the request expires. An approval in time leaves the device time to come back."""
    if authorization.state is State.APPROVED and authorization.decided_at is not None:
        # The longest interval, too: what slow_down made of the announced one is not in the record.
        pause = max(2 * authorization.interval, LONGEST_INTERVAL) + 5
        return max(authorization.expires_at, authorization.decided_at + pause)
    return authorization.expires_at


def refusal(state: State) -> OAuthError:
    """Return what a poll in any state but approved is refused with."""
    return OAuthError(*REFUSALS[state])


def slow_down(interval: int) -> OAuthError:
    """Return what a poll that came too early is told: the interval to keep from now on."""
    return OAuthError(
        ErrorCode.SLOW_DOWN, "wait for the new interval between polls", {"interval": interval}
    )


def return_code_missing(authorization: DeviceAuthorization | Standing, now: float) -> OAuthError:
    """Return what a poll is told while the device has yet to send the number: until when it may."""
    members = {
        "return_code_length": RETURN_CODE_LENGTH,
        "expires_in": int(deadline(authorization) - now),
    }
    return OAuthError(
        ErrorCode.AUTHORIZATION_PENDING, "approved, but the return code is missing", members
    )


class Pace(NamedTuple):
    """How fast one device may poll: its interval in seconds, and its last poll in good time."""

    interval: int
    polled_at: float


def keep_pace(previous: Pace | None, interval: int, now: float) -> tuple[Pace, bool]:
    """Return the pace after a poll, and whether the poll came too early.

    The first poll is never early: issuing the code was not a poll. An early poll makes the
    interval grow but does not move the clock, so that a client that obeys from now on passes.
    A clock that was set back forgives.
    """
    if previous is None or now < previous.polled_at:
        return Pace(interval, now), False
    if now - previous.polled_at < previous.interval - SLACK:
        grown = min(previous.interval + PENALTY, LONGEST_INTERVAL)
        return Pace(max(grown, previous.interval), previous.polled_at), True
    return Pace(previous.interval, now), False
