"""Everybody at once, on one code or one token. `FAULT_RACES` is how often each race is run."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.core.records import Session
from server.core.states import State
from server.core.tokens import digest
from server.core.user_interaction import Refused
from tests.faults.conftest import NewDatabase
from tests.faults.crew import Crew
from tests.faults.scene import CHALLENGE, VERIFIER, Scene, count, enter, furnish

PROCESSES = 4
THREADS = count("FAULT_THREADS", 64)
RACES = count("FAULT_RACES", 6)
FEW = max(RACES // 3, 1)  # of those that write the most
pytestmark = pytest.mark.timeout(60 + 5 * RACES)


@pytest.fixture(scope="module")
def crew(new_database: NewDatabase) -> Iterator[Crew]:
    """Give many hands on one database."""
    url = new_database()
    furnish(url).close()
    crew = Crew(url, PROCESSES, THREADS)
    yield crew
    crew.close()


@pytest.fixture(scope="module")
def scene(crew: Crew) -> Iterator[Scene]:
    """Give the same database to the one who prepares and looks."""
    scene = enter(crew.url, crew.clock)
    yield scene
    scene.close()


# What each hand does.


def poll(scene: Scene, number: int, device_code: str, *proof: str) -> dict[str, Any]:
    """Poll, and return the answer."""
    verifier = {"code_verifier": proof[0]} if proof else {}
    return dict(scene.poll(device_code, **verifier).json or {})


def refresh(scene: Scene, number: int, *refresh_tokens: str) -> dict[str, Any]:
    """Refresh, and return the answer."""
    return dict(scene.refresh(refresh_tokens[number % len(refresh_tokens)]).json or {})


def approve(scene: Scene, number: int, reference: str, session: Session) -> State | Refused:
    """Approve, and return how it stands then."""
    return _standing(scene.server.approve(reference, session))


def decide(scene: Scene, number: int, reference: str, session: Session) -> State | Refused:
    """Approve or deny."""
    verb = scene.server.deny if number % 2 else scene.server.approve
    return _standing(verb(reference, session))


def claim_and_approve(
    scene: Scene, number: int, user_code: str, *sessions: Session
) -> State | Refused:
    """Enter the code and approve, in a browser of one's own."""
    session = sessions[number % len(sessions)]
    reference = scene.server.claim(user_code, session, "192.0.2.1")
    return reference if isinstance(reference, Refused) else approve(scene, 0, reference, session)


def approve_late(
    scene: Scene, number: int, reference: str, session: Session
) -> State | Refused | None:
    """Approve, while one hand lets the time run out."""
    if number == 0:
        scene.clock.advance(1)
        return None
    return approve(scene, number, reference, session)


def poll_late(scene: Scene, number: int, device_code: str) -> dict[str, Any]:
    """Poll, while one hand lets the time run out."""
    if number == 0:
        scene.clock.advance(1)
        return {}
    return poll(scene, number, device_code)


def _standing(outcome: Any) -> State | Refused:
    found: State | Refused = outcome if isinstance(outcome, Refused) else outcome.state
    return found


def is_last(scene: Scene, refresh_token: str) -> bool:
    """Tell whether no later one of its family was issued, without using it."""
    token = scene.server.ports.grants.find_refresh_token(digest(refresh_token))
    assert token is not None
    return token.number == scene.grants()[token.grant_id].issued


# The races.


def test_one_code_earns_one_token_set(crew: Crew, scene: Scene) -> None:
    """Of all polls of one approved code at once, one is given tokens. STM-01, RB-01."""
    for _ in range(RACES):
        before = set(scene.grants())
        codes = scene.start()
        scene.approve(codes["user_code"])
        answers = crew.at_once(poll, codes["device_code"])
        refused = [answer["error"] for answer in answers if "access_token" not in answer]
        assert len(refused) == crew.hands - 1
        assert set(refused) <= {"invalid_grant", "temporarily_unavailable"}
        assert len(set(scene.grants()) - before) == 1


def test_a_device_with_proof_has_one_living_token_set(crew: Crew, scene: Scene) -> None:
    """Whoever has the verifier may ask again: only the last token set lives. STM-01, STM-10."""
    for _ in range(RACES):
        before = scene.living()
        codes = scene.start(**CHALLENGE)
        scene.approve(codes["user_code"])
        answers = crew.at_once(poll, codes["device_code"], VERIFIER)
        refused = {answer["error"] for answer in answers if "access_token" not in answer}
        assert refused <= {"authorization_pending", "temporarily_unavailable"}
        issued = [answer["refresh_token"] for answer in answers if "access_token" in answer]
        good = [token for token in issued if scene.refresh(token).status_code == 200]
        assert (len(good), len(scene.living() - before)) == (1, 1)


def test_many_clicks_are_one_approval(crew: Crew, scene: Scene) -> None:
    """Everybody who approves is told approved; it was written once. STM-05."""
    for _ in range(FEW):
        codes, session = scene.start(), scene.session()
        reference = scene.claim(codes["user_code"], session)
        before = scene.record(codes["device_code"]).version
        assert set(crew.at_once(approve, reference, session)) == {State.APPROVED}
        assert scene.record(codes["device_code"]).version == before + 1
        assert scene.poll(codes["device_code"]).status_code == 200


def test_approve_or_deny(crew: Crew, scene: Scene) -> None:
    """Of approvals and denials at once one wins, and everybody is told the same. STM-05."""
    for _ in range(FEW):
        codes, session = scene.start(), scene.session()
        reference = scene.claim(codes["user_code"], session)
        told = set(crew.at_once(decide, reference, session))
        (decision,) = told
        assert decision in {State.APPROVED, State.DENIED}
        assert scene.record(codes["device_code"]).state is decision
        served = scene.poll(codes["device_code"]).status_code == 200
        assert served == (decision is State.APPROVED)


def test_two_browsers_of_one_person(crew: Crew, scene: Scene) -> None:
    """The browser that entered the code last decides; the others have nothing open. STM-05."""
    for _ in range(FEW):
        codes = scene.start()
        sessions = [scene.session() for _ in range(4)]
        told = crew.at_once(claim_and_approve, codes["user_code"], *sessions)
        assert set(told) == {State.APPROVED, Refused.NOT_FOUND}
        record = scene.record(codes["device_code"])
        assert record.state is State.APPROVED
        assert record.session_digest in {session.digest for session in sessions}


def test_two_people(crew: Crew, scene: Scene) -> None:
    """A code that two accounts enter is never approved for the one who did not win. STM-13."""
    for _ in range(FEW):
        codes = scene.start()
        sessions = [scene.session("ada"), scene.session("ben")]
        told = crew.at_once(claim_and_approve, codes["user_code"], *sessions)
        record = scene.record(codes["device_code"])
        assert record.state in {State.APPROVED, State.DENIED}
        assert (State.APPROVED in told) == (record.state is State.APPROVED)


def test_an_approval_against_the_clock(crew: Crew, scene: Scene) -> None:
    """An approval was in time, or is told that it was not and earns nothing. STM-03, STM-07."""
    for _ in range(FEW):
        codes, session = scene.start(), scene.session()
        reference = scene.claim(codes["user_code"], session)
        scene.clock.advance(codes["expires_in"] - 1)
        told = set(crew.at_once(approve_late, reference, session)) - {None}
        assert told <= {State.APPROVED, State.EXPIRED}
        record = scene.record(codes["device_code"])
        if State.APPROVED in told:
            assert (record.decided_at or record.expires_at) < record.expires_at
            assert scene.poll(codes["device_code"]).status_code == 200
        else:
            assert record.state is State.CLAIMED
            assert scene.error(codes["device_code"]) == "expired_token"


def test_a_redemption_against_the_clock(crew: Crew, scene: Scene) -> None:
    """A code is redeemed in time and once, or never. STM-01, STM-07."""
    for _ in range(FEW):
        before = set(scene.grants())
        codes = scene.start()
        scene.approve(codes["user_code"])
        scene.clock.advance(codes["expires_in"] - 1)
        answers = crew.at_once(poll_late, codes["device_code"])
        issued = sum("access_token" in answer for answer in answers)
        assert len(set(scene.grants()) - before) == issued <= 1
        left = "invalid_grant" if issued else "expired_token"
        assert scene.error(codes["device_code"]) == left


def test_one_refresh_token_at_once(crew: Crew, scene: Scene) -> None:
    """Of all that one token earned at once, the last one is good, and one family lives. RT-02."""
    for _ in range(FEW):
        tokens = scene.signed_in()
        before = scene.living()
        answers = crew.at_once(refresh, tokens["refresh_token"])
        issued = [answer["refresh_token"] for answer in answers if "access_token" in answer]
        refused = {answer["error"] for answer in answers if "access_token" not in answer}
        assert refused <= {"temporarily_unavailable"}
        (last,) = [token for token in issued if is_last(scene, token)]
        assert scene.refresh(last).status_code == 200
        assert scene.living() == before


def test_a_device_that_heard_nothing_refreshes_again(crew: Crew, scene: Scene) -> None:
    """Whatever of its tries got through, the device's old token is good. RT-02, RT-03."""
    for _ in range(FEW):
        tokens = scene.signed_in()
        before = scene.living()
        crew.at_once(refresh, tokens["refresh_token"])
        again = scene.refresh(tokens["refresh_token"])
        assert again.status_code == 200
        assert scene.refresh((again.json or {})["refresh_token"]).status_code == 200
        assert scene.living() == before


def test_an_old_and_a_new_refresh_token_at_once(crew: Crew, scene: Scene) -> None:
    """Two holders of one family never end up with two families. RT-02."""
    for _ in range(FEW):
        before = scene.living()
        first = scene.signed_in()["refresh_token"]
        second = (scene.refresh(first).json or {})["refresh_token"]
        crew.at_once(refresh, first, second)
        assert len(scene.living() - before) <= 1
