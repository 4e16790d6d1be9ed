"""The life of a device authorization, as data.

Every change of state in this server, and the diagram in the documentation, is read from
`TRANSITIONS`. An event that a state does not list is refused: denied, redeemed and expired are
final because their rows lead nowhere else.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a device authorization stands."""

    PENDING = "pending"  # issued; nobody has entered the user code
    CLAIMED = "claimed"  # entered by a signed-in person who has not decided
    APPROVED = "approved"  # the person said yes; the device has not fetched its tokens
    DENIED = "denied"  # the person said no
    REDEEMED = "redeemed"  # the tokens were issued
    EXPIRED = "expired"  # time ran out before a decision, or before the device came back


class Event(StrEnum):
    """What can happen to a device authorization."""

    CLAIM = "claim"
    APPROVE = "approve"
    DENY = "deny"
    RELEASE = "release"  # the person leaves the request to somebody else
    CONTEST = "contest"  # a second account enters the code of a claimed request
    WITHDRAW = "withdraw"  # the person takes an approval back before the return code was sent
    REDEEM = "redeem"
    REISSUE = "reissue"  # the answer to a redemption was lost; the first tokens die
    MISMATCH = "mismatch"  # a wrong return code, or one before it was shown
    EXPIRE = "expire"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.PENDING: {
        Event.CLAIM: State.CLAIMED,
        Event.MISMATCH: State.DENIED,
        Event.EXPIRE: State.EXPIRED,
    },
    State.CLAIMED: {
        Event.CLAIM: State.CLAIMED,  # the same person again, perhaps in another browser
        Event.RELEASE: State.PENDING,
        Event.APPROVE: State.APPROVED,
        Event.DENY: State.DENIED,
        Event.CONTEST: State.DENIED,
        Event.MISMATCH: State.DENIED,
        Event.EXPIRE: State.EXPIRED,
    },
    State.APPROVED: {
        Event.REDEEM: State.REDEEMED,
        Event.WITHDRAW: State.DENIED,
        Event.MISMATCH: State.DENIED,
        Event.EXPIRE: State.EXPIRED,
    },
    State.DENIED: {},
    State.REDEEMED: {Event.REISSUE: State.REDEEMED},
    State.EXPIRED: {},
}


def after(state: State, event: Event) -> State | None:
    """Return the state that `event` leads to, or None when `state` does not allow it."""
    return TRANSITIONS[state].get(event)


def diagram() -> str:
    """Draw the table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.PENDING}"]
    for state, row in TRANSITIONS.items():
        lines += [f"    {state} --> {target}: {event}" for event, target in row.items()]
        if set(row.values()) <= {state}:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)
