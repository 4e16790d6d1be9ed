"""Two refresh tokens of a grant are good: which, in every order, for how many, and how it ends."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import product
from pathlib import Path
from threading import Barrier

import pytest
from werkzeug.test import Client

from server.app import build
from server.config import make
from server.core.tokens import digest
from tests.server.proving_device import error_of
from tests.server.stage import CLIENT_ID, Stage

THREADS = 16


@pytest.mark.parametrize("order", list(product(*map(range, (1, 2, 3, 4)))))
def test_only_the_last_used_and_the_last_issued_are_good(
    stage: Stage, order: tuple[int, ...]
) -> None:
    """In every order of use two tokens are good, and any other one ends the grant. RT-02."""
    issued, used = [stage.signed_in()["refresh_token"]], 0
    for number in order:
        answer = stage.refresh(issued[number])
        good = number in (used, len(issued) - 1)
        assert answer.status_code == (200 if good else 400)
        if not good:
            assert not any(stage.refresh(one).status_code == 200 for one in issued)
            return
        issued.append((answer.json or {})["refresh_token"])
        used = number


def test_a_spent_token_ends_the_access_tokens_too(stage: Stage) -> None:
    """When two parties hold tokens of a grant, neither sees the resource any more. RT-02, RT-07."""
    first = stage.signed_in()["refresh_token"]
    second = (stage.refresh(first).json or {})["refresh_token"]
    latest = stage.refresh(second).json or {}
    bearer = {"Authorization": f"Bearer {latest['access_token']}"}
    assert stage.http.get("/userinfo", headers=bearer).status_code == 200
    stage.refresh(first)
    assert stage.http.get("/userinfo", headers=bearer).status_code == 401


def test_a_storm_of_refreshes_locks_nobody_out(stage: Stage) -> None:
    """Sixteen at once with one token are all served, and the last one issued is good. RT-02."""
    first, start = stage.signed_in()["refresh_token"], Barrier(THREADS)

    def refresh(_: int) -> str:
        start.wait()
        return str((stage.refresh(first).json or {})["refresh_token"])

    with ThreadPoolExecutor(THREADS) as pool:
        issued = list(pool.map(refresh, range(THREADS)))
    assert len({*issued}) == THREADS
    numbers = {one: _number(stage, one) for one in issued}
    assert stage.refresh(max(issued, key=numbers.__getitem__)).status_code == 200


def test_a_refresh_survives_a_restart(stage: Stage, tmp_path: Path) -> None:
    """A server that starts again knows both good tokens. RT-02."""
    first = stage.signed_in()["refresh_token"]
    second = (stage.refresh(first).json or {})["refresh_token"]
    config = make(database=f"sqlite:///{tmp_path}/pairlight.db")
    with closing(build(config, stage.clock)) as restarted:
        for token in (first, first, second):
            form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT_ID}
            answer = Client(restarted.wsgi).post("/token", data=form)
            # The second token was replaced by the two refreshes with the first.
            assert answer.status_code == (400 if token == second else 200)


@pytest.mark.parametrize("which", [0, 1])
def test_a_revoked_grant_gives_no_second_chance(stage: Stage, which: int) -> None:
    """After a revocation neither the old token nor the new one is good. RT-03."""
    first = stage.signed_in()["refresh_token"]
    issued = [first, (stage.refresh(first).json or {})["refresh_token"]]
    form = {"client_id": CLIENT_ID, "token": issued[which]}
    assert stage.post("/revoke", form).status_code == 200
    assert [error_of(stage.refresh(one)) for one in issued] == ["invalid_grant"] * 2


def _number(stage: Stage, refresh_token: str) -> int:
    found = stage.server.ports.grants.find_refresh_token(digest(refresh_token))
    assert found is not None
    return found.number
