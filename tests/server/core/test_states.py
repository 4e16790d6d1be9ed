"""The table of states."""

from pathlib import Path

import pytest

from server.core.states import TRANSITIONS, Event, State, after, diagram

FINAL = (State.DENIED, State.REDEEMED, State.EXPIRED)


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize("event", Event)
def test_final_states_absorb(state: State, event: Event) -> None:
    """Nothing leads out of denied, redeemed and expired. STM-02."""
    assert after(state, event) in {None, state}


def test_every_state_has_a_row() -> None:
    """The table answers for each state. STM-02."""
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize("event", [Event.APPROVE, Event.DENY, Event.REDEEM])
def test_nothing_is_decided_before_it_was_claimed(event: Event) -> None:
    """A pending request can be claimed or expire, no more. LO-03."""
    assert after(State.PENDING, event) is None


def test_only_an_approval_can_be_redeemed() -> None:
    """Exactly one state leads to redeemed. STM-01."""
    sources = [state for state, row in TRANSITIONS.items() if Event.REDEEM in row]
    assert sources == [State.APPROVED]


def test_the_documentation_shows_this_table() -> None:
    """The diagram in the architecture page is the one drawn from the table. RFC 8628 3.5."""
    page = Path(__file__).parents[3] / "docs/architecture.md"
    assert diagram() in page.read_text()
