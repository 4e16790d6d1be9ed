"""The server is killed at eleven points around approve, redeem and refresh, and started again.

`FAULT_KILLS` is how often at each point.
"""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import select

from server.core.states import State
from server.storage.schema import refresh_tokens
from tests.faults.conftest import NewDatabase
from tests.faults.dying import POINTS, Left, run
from tests.faults.nursery import Nursery
from tests.faults.scene import CHALLENGE, VERIFIER, Scene, count, enter, furnish

KILLS = count("FAULT_KILLS", 50)
SIDE_BY_SIDE = 2
pytestmark = pytest.mark.timeout(60 + KILLS)

APPROVING = [point for point in POINTS if point.endswith("approve")]
REDEEMING = [point for point in POINTS if point.endswith("redeem")]
REFRESHING = [point for point in POINTS if point.endswith("refresh")]

# What the store holds after the kill.
HELD = {
    "before the swap of approve": State.CLAIMED,
    "after the swap of approve": State.APPROVED,
    "before the swap of redeem": State.APPROVED,
    "inside the transaction of redeem": State.APPROVED,
    "after the commit of redeem": State.REDEEMED,
    "before the answer to redeem": State.REDEEMED,
}

# Where a refresh is in the store after the kill.
ROTATED = {"after the commit of refresh", "before the answer to refresh"}


class Victim:
    """One database, and an application on it that is killed and started again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._nursery = Nursery()
        self.scene = furnish(url)
        self._before: set[str] = set()

    def kill(self, point: str, left: Left) -> None:
        """Let a process be killed at that point, and start again."""
        self._before = self.scene.living()
        self.scene.close()
        ended_by = self._nursery.run(run, self._url, point, left)
        assert ended_by == -signal.SIGKILL, "the point was not reached"
        self.scene = enter(self._url)

    def token_sets(self) -> int:
        """Count the token sets that live beside those from before the kill."""
        return len(self.scene.living() - self._before)

    def refresh_tokens(self) -> int:
        """Count the refresh tokens that were issued, ever."""
        with self.scene.application.database.reading() as connection:
            return len(connection.execute(select(refresh_tokens)).all())

    def close(self) -> None:
        """Leave everything."""
        self.scene.close()
        self._nursery.close()


def often(new_database: NewDatabase, play: Callable[[Victim, dict[str, str]], None]) -> None:
    """Play KILLS times, with some databases side by side; every other device has a verifier.

    A crash is nothing new to a database on a server, which is asked fewer times.
    """
    urls = [new_database() for _ in range(SIDE_BY_SIDE)]
    kills = KILLS if urls[0].startswith("sqlite") else max(KILLS // 5, 4)

    def share(number: int) -> None:
        with closing(Victim(urls[number])) as victim:
            for turn in range(number, kills, SIDE_BY_SIDE):
                play(victim, {"code_verifier": VERIFIER} if turn // SIDE_BY_SIDE % 2 else {})

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(share, range(SIDE_BY_SIDE)))


def claimed(scene: Scene, proof: dict[str, str]) -> Left:
    """Start a device, with a challenge where there is to be a proof, and enter its code."""
    codes = scene.start(**(CHALLENGE if proof else {}))
    session = scene.session()
    return Left(codes["device_code"], proof, scene.claim(codes["user_code"], session), session)


def approved(scene: Scene, proof: dict[str, str]) -> Left:
    """Start a device and approve."""
    left = claimed(scene, proof)
    scene.server.approve(left.reference, left.session)
    return left


def redeemed(scene: Scene, proof: dict[str, str]) -> Left:
    """Start a device, approve, and give it its tokens."""
    left = approved(scene, proof)
    tokens = scene.poll(left.device_code, **proof).json or {}
    return left._replace(refresh_token=tokens["refresh_token"])


@pytest.mark.parametrize("point", APPROVING)
def test_no_approval_is_lost(new_database: NewDatabase, point: str) -> None:
    """An approval is there or is not, and can then be made; it earns one token set. STM-09."""

    def play(victim: Victim, proof: dict[str, str]) -> None:
        left = claimed(victim.scene, proof)
        victim.kill(point, left)
        scene = victim.scene
        assert scene.record(left.device_code).state is HELD[point]
        scene.server.approve(left.reference, left.session)
        assert scene.poll(left.device_code, **proof).status_code == 200
        assert victim.token_sets() == 1

    often(new_database, play)


@pytest.mark.parametrize("point", REDEEMING)
def test_no_token_set_is_lost_or_doubled(new_database: NewDatabase, point: str) -> None:
    """A code was redeemed once, or still can be; proof gets a lost answer again. RB-02, STM-09."""

    def play(victim: Victim, proof: dict[str, str]) -> None:
        left = approved(victim.scene, proof)
        victim.kill(point, left)
        state = victim.scene.record(left.device_code).state
        assert state is HELD[point]
        assert victim.token_sets() == (state is State.REDEEMED)
        answer = victim.scene.poll(left.device_code, **proof)
        served = state is State.APPROVED or bool(proof)
        assert (answer.status_code, "access_token" in answer.text) == (
            (200, True) if served else (400, False)
        )
        assert victim.token_sets() == served

    often(new_database, play)


@pytest.mark.parametrize("point", REFRESHING)
def test_no_device_is_locked_out(new_database: NewDatabase, point: str) -> None:
    """A refresh that was cut short happened or did not; its token is good. RT-02, STM-09."""

    def play(victim: Victim, proof: dict[str, str]) -> None:
        left = redeemed(victim.scene, proof)
        tokens = victim.refresh_tokens()
        victim.kill(point, left)
        assert victim.refresh_tokens() - tokens == (point in ROTATED)
        again = victim.scene.refresh(left.refresh_token)
        assert again.status_code == 200
        assert victim.scene.refresh((again.json or {})["refresh_token"]).status_code == 200
        assert victim.token_sets() == 0

    often(new_database, play)
