"""A code that comes again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.server.browser_app import BrowserApp
from tests.server.stage import Stage

THREADS = 16


@pytest.fixture
def app(stage: Stage) -> BrowserApp:
    """Give a public client."""
    return BrowserApp(stage)


def test_a_code_is_good_once(any_stage: Stage) -> None:
    """A code that comes again is refused, and ends what it earned. AC-05."""
    app = BrowserApp(any_stage)
    code = app.code(scope="openid profile")
    answer = app.redeem(code).json or {}
    assert app.error(code) == "invalid_grant"
    assert not app.lives(answer)


def test_a_replay_ends_refreshed_tokens_too(app: BrowserApp) -> None:
    """However far the tokens have been refreshed, a replay ends them all. AC-05."""
    code = app.code(scope="openid profile")
    answer = app.redeem(code).json or {}
    refreshed = app.refresh(answer["refresh_token"]).json or {}
    app.error(code)
    assert not app.lives(refreshed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_a_code_alone_ends_nothing(app: BrowserApp, wrong: dict[str, str]) -> None:
    """Whoever found a used code, and nothing that it is bound to, can end no grant. AC-05."""
    code = app.code(scope="openid profile")
    answer = app.redeem(code).json or {}
    assert app.error(code, **wrong) == "invalid_grant"
    assert app.lives(answer)


def test_a_late_replay_ends_tokens(app: BrowserApp) -> None:
    """A used code is known for longer than it was good. AC-05."""
    code = app.code(scope="openid profile")
    answer = app.redeem(code).json or {}
    app.stage.clock.advance(3000)
    assert app.error(code) == "invalid_grant"
    assert not app.lives(answer)


def test_another_client_ends_nothing(app: BrowserApp) -> None:
    """A used code in the hands of another client is refused and changes nothing. AC-05, AC-06."""
    thief = BrowserApp(app.stage, "thief")
    code = app.code(scope="openid profile")
    answer = app.redeem(code).json or {}
    assert thief.error(code) == "invalid_grant"
    assert app.lives(answer)


def test_of_many_at_once_one_earns_and_none_keeps(app: BrowserApp) -> None:
    """One code at once by many earns one token set, which the others end. AC-05, RFC 6749 4.1.2."""
    code, barrier = app.code(scope="openid profile"), Barrier(THREADS)

    def redeem(_: int) -> tuple[int, dict[str, Any]]:
        barrier.wait()
        response = app.redeem(code)
        return response.status_code, dict(response.json or {})

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(redeem, range(THREADS)))
    earned = [answer for status, answer in answers if status == 200]
    refused = [answer["error"] for status, answer in answers if status == 400]
    assert (len(earned), refused) == (1, ["invalid_grant"] * (THREADS - 1))
    assert not app.lives(earned[0])


def test_a_replay_is_written_down(app: BrowserApp, caplog: pytest.LogCaptureFixture) -> None:
    """The audit trail has the exchange and the replay, without the code. LO-01, AC-05."""
    code = app.code()
    with caplog.at_level("INFO", "pairlight.audit"):
        app.redeem(code)
        app.redeem(code)
    assert '"event": "authorization_code_exchanged", "client_id": "photos"' in caplog.text
    assert '"event": "authorization_code_replayed", "client_id": "photos"' in caplog.text
    assert code not in caplog.text
