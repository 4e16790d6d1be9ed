"""The loop: what it asks, when, and what it keeps."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from device_client.flow import DENIED, FAILED, SIGNED_IN, UNREACHABLE
from device_client.run import Runner, parse
from device_client.token_file import TokenFile
from tests.device_client.fakes import CODES, METADATA, TOKENS, Answer, Display, World

PENDING = (400, {"error": "authorization_pending"})
INVALID_GRANT = (400, {"error": "invalid_grant"})
OLD: dict[str, object] = {"access_token": "old", "refresh_token": "old refresh"}

Make = Callable[..., Runner]


@pytest.fixture
def token_file(tmp_path: Path) -> TokenFile:
    """Return a token file that is not there yet."""
    return TokenFile(str(tmp_path / "tokens.json"), "https://as.example", "tv")


@pytest.fixture
def make(token_file: TokenFile) -> Make:
    """Make a runner in a fake world, with what its token file has kept."""

    def make(world: World, kept: dict[str, object] | None = None) -> Runner:
        if kept:
            token_file.save(kept)
        return Runner(
            METADATA, world.fetch, token_file, Display(), world.ticks_ms, world.sleep_ms, bytes
        )

    return make


def test_sign_in(make: Make, token_file: TokenFile) -> None:
    """Codes, polls at the asked pace, tokens on disk. CL-01."""
    world = World((200, CODES), PENDING, PENDING, (200, TOKENS))
    assert make(world).start("tv", "profile").state == SIGNED_IN
    assert [(at, url.rpartition("/")[2]) for at, url, _ in world.requests] == [
        (0, "device_authorization"),
        (6000, "token"),
        (12000, "token"),
        (18000, "token"),
    ]
    assert token_file.load() == {"access_token": "SECRET-access", "refresh_token": "SECRET-refresh"}


def test_expiry_is_not_kept(make: Make, token_file: TokenFile) -> None:
    """Only the tokens are kept: no clock of a board could judge an expiry. CL-13."""
    make(World((200, TOKENS | {"expires_in": 600})), OLD).start("tv", "profile")
    assert set(token_file.load()) == {"access_token", "refresh_token"}


def test_sleeps_in_small_steps(make: Make) -> None:
    """The display and the watchdog get their turn at least every 200 ms. CL-06."""
    world = World((200, CODES), (200, TOKENS))
    runner = make(world)
    runner.start("tv", "profile")
    assert max(world.naps) == 200
    asked = 2 * len(world.requests)  # before, and while
    assert len(runner.display.states) == 6000 // 200 + asked


def test_polls_ask_to_be_held(make: Make) -> None:
    """A poll asks for 25 s, but not after a failure, and nothing else does. LP-09, RFC 7240 4.3."""
    world = World((200, CODES), PENDING, OSError(), (200, TOKENS))
    make(world).start("tv", "profile")
    assert world.waits == [0, 25, 25, 0]
    world = World((200, TOKENS))
    make(world, OLD).start("tv", "profile")
    assert world.waits == [0]


def test_held_polls(make: Make) -> None:
    """Decided after 60 s, a sign-in takes four requests and lands at once. LP-04, LP-09."""
    world = World((200, CODES), PENDING, PENDING, (200, TOKENS))
    world.holds = [0, 25, 25, 2]
    assert make(world).start("tv", "profile").state == SIGNED_IN
    assert [at for at, _, _ in world.requests] == [0, 6000, 32000, 58000]
    assert world.now_ms == 60000


def test_display_goes_on_during_a_poll(make: Make) -> None:
    """The time left is shown every 200 ms while a poll is held. CL-06, LP-09."""
    world = World((200, CODES), (200, TOKENS))
    world.holds = [0, 10]
    left = []
    runner = make(world)
    runner.display.show = lambda flow: left.append(flow.left_ms)
    runner.start("tv", "profile")
    polling = left[-10 * 5 :]
    assert polling == list(range(594_000 - 200, 584_000 - 200, -200))


def test_approved_at_the_last_moment(make: Make) -> None:
    """One poll goes out after the end: the approval may have come just before. CL-05."""
    world = World((200, CODES | {"expires_in": 10}), PENDING, (200, TOKENS))
    assert make(world).start("tv", "profile").state == SIGNED_IN
    assert [at for at, _, _ in world.requests] == [0, 6000, 12000]


def test_network_faults(make: Make) -> None:
    """Faults of every kind are waited out, ever longer. CL-04."""
    faults: list[Answer] = [
        TimeoutError(),
        ValueError("bad answer"),
        (502, b"<html>"),
        (200, CODES),
    ]
    world = World(*faults, PENDING, OSError(), (200, TOKENS))
    assert make(world).start("tv", "profile").state == SIGNED_IN
    times = [at for at, _, _ in world.requests]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == [2000, 4000, 8000, 6000, 6000, 12000]


def test_no_new_code_without_being_asked(make: Make) -> None:
    """A denied sign-in does not start another. CL-05, CL-17."""
    world = World((200, CODES), (400, {"error": "access_denied"}))
    assert make(world).start("tv", "profile").state == DENIED
    assert len(world.requests) == 2


def test_stored_tokens_are_renewed(make: Make, token_file: TokenFile) -> None:
    """Nobody is asked when the refresh token still works. CL-15."""
    world = World((200, TOKENS))
    assert make(world, OLD).start("tv", "profile").state == SIGNED_IN
    assert world.requests[0][2]["refresh_token"] == "old refresh"
    assert token_file.load()["refresh_token"] == "SECRET-refresh"


def test_refresh_token_without_successor(make: Make, token_file: TokenFile) -> None:
    """A server that does not rotate leaves the old refresh token in use. CL-15, RFC 6749 6."""
    world = World((200, {"access_token": "new", "token_type": "Bearer"}))
    make(world, OLD).start("tv", "profile")
    assert token_file.load() == {"access_token": "new", "refresh_token": "old refresh"}


def test_dead_refresh_token(make: Make, token_file: TokenFile) -> None:
    """invalid_grant forgets the tokens and asks the person again. CL-15."""
    left = []
    world = World(
        INVALID_GRANT,
        (200, CODES),
        (200, TOKENS),
        before=lambda: left.append("refresh_token" in token_file.load()),
    )
    assert make(world, OLD).start("tv", "profile").state == SIGNED_IN
    assert left == [True, False, False]


def test_restart_while_pending(make: Make, token_file: TokenFile) -> None:
    """After a power cut the same code is asked about, with the same verifier. CL-14."""

    def power() -> None:
        if cut.requests[1:]:
            raise KeyboardInterrupt

    cut = World((200, CODES), PENDING, before=power)
    with pytest.raises(KeyboardInterrupt):
        make(cut).start("tv", "profile")
    world = World((200, TOKENS))
    flow = make(world).start("tv", "profile")
    assert (flow.state, flow.user_code) == (SIGNED_IN, CODES["user_code"])
    assert world.requests == [(6000, *cut.requests[1][1:])]
    assert "device_code" not in token_file.load()


@pytest.mark.parametrize("error", ["expired_token", "access_denied", "invalid_grant"])
def test_codes_that_came_to_nothing(make: Make, token_file: TokenFile, error: str) -> None:
    """Codes that are worth nothing any more are not asked about again. CL-14."""
    kept = {**CODES, "code_verifier": "0" * 64, "scope": "profile"}
    make(World((400, {"error": error})), kept).start("tv", "profile")
    assert token_file.load() == {}


def test_codes_for_another_scope(make: Make) -> None:
    """Codes that were asked for with another scope are left, and new ones are asked for. CL-14."""
    world = World((200, CODES), (200, TOKENS))
    kept = {**CODES, "code_verifier": "0" * 64, "scope": "admin"}
    make(world, kept).start("tv", "profile")
    assert world.requests[0][1].endswith("/device_authorization")


def test_refresh_token_that_somebody_replaced(make: Make, token_file: TokenFile) -> None:
    """A dead refresh token costs nothing when the file has another one by now. CL-15."""

    def meanwhile() -> None:
        if len(world.requests) == 0:
            token_file.save({"access_token": "theirs", "refresh_token": "their refresh"})

    world = World(INVALID_GRANT, (200, TOKENS), before=meanwhile)
    assert make(world, OLD).start("tv", "profile").state == SIGNED_IN
    assert [form["refresh_token"] for _, _, form in world.requests] == [
        "old refresh",
        "their refresh",
    ]


def test_only_text_is_kept(make: Make, token_file: TokenFile) -> None:
    """Tokens that a server sends as numbers are kept as what can be sent back. CL-08, CL-15."""
    world = World((200, TOKENS | {"refresh_token": 12345}))
    make(world, OLD).start("tv", "profile")
    assert token_file.load()["refresh_token"] == "12345"


def test_codes_are_kept_before_they_are_shown(make: Make, token_file: TokenFile) -> None:
    """Whoever sees a code can rely on it, whatever becomes of the power. CL-14."""
    runner = make(World((200, CODES), (200, TOKENS)))
    kept = []
    runner.display.show = lambda flow: kept.append((flow.state, "device_code" in token_file.load()))
    runner.start("tv", "profile")
    assert set(kept) == {("STARTING", False), ("PENDING", True)}


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([OSError()] * 7, UNREACHABLE),
        ([(503, {"error": "temporarily_unavailable"})] * 7, UNREACHABLE),
        ([(401, {"error": "invalid_client"})], FAILED),
    ],
)
def test_failed_renewal_keeps_the_tokens(
    make: Make, token_file: TokenFile, answers: list[tuple[int, object]], state: str
) -> None:
    """Only invalid_grant costs the tokens; no fault of the network does. CL-15."""
    world = World(*answers)
    assert make(world, OLD).start("tv", "profile").state == state
    assert token_file.load() == OLD


def test_tokens_that_cannot_be_kept(make: Make, token_file: TokenFile) -> None:
    """Tokens that cannot be stored are not handed out. CL-15."""
    token_file.path = "/nowhere/tokens.json"
    with pytest.raises(FileNotFoundError):
        make(World((200, TOKENS)), OLD).start("tv", "profile")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"", {}),
        (b"<html>", {}),
        (b"\xff\xfe", {}),
        (b"[" * 60000, {}),
        (json.dumps("é").encode(), {}),
    ],
)
def test_parse(body: bytes, value: dict[str, object]) -> None:
    """What is no JSON object is an empty one, however hostile. CL-16."""
    assert parse(body) == value
