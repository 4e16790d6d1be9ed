"""What both loops do, as functions of a loop's name that run on CPython and MicroPython alike."""

import asyncio

from device_client.flow import DENIED, FAILED, SIGNED_IN, UNREACHABLE
from device_client.return_code import ReturnCodeFlow
from device_client.run import Runner
from device_client.run_async import AsyncRunner
from tests.device_client.scripted_world import CODES, METADATA, OLD, PENDING, TOKENS, World

FOUND = "keeps access_token refresh_token"
ASKED = "keeps code_verifier device_code expires_in interval scope user_code verification_uri"


class AsyncWorld(World):
    """The same, to be awaited."""

    async def sleep_ms(self, duration: int) -> None:  # type: ignore[override]
        super().sleep_ms(duration)
        await asyncio.sleep(0)

    async def fetch(self, *arguments, **options):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0)
        return super().fetch(*arguments, **options)  # type: ignore[no-untyped-call]


class Entering(ReturnCodeFlow):
    """A flow into which the number is entered as soon as it is asked for."""

    def receive(self, status: int, answer: dict[str, object], now_ms: int) -> None:
        super().receive(status, answer, now_ms)
        self.enter("0427")


def start(loop: str, answers: list, kept: dict | None = None, full: bool = False, flow_type=None):  # type: ignore[no-untyped-def,type-arg]
    """The state it ends in, and the world."""
    waits = "Async" in loop
    world = (AsyncWorld if waits else World)(answers, kept)
    world.full = full
    runner = (AsyncRunner if waits else Runner)(
        METADATA, world.fetch, world, world, world.ticks_ms, world.sleep_ms, world.random
    )
    if flow_type:
        runner.flow_type = flow_type
    ending = runner.start("tv", "profile")
    return (asyncio.run(ending) if waits else ending).state, world  # type: ignore[arg-type]


def test_sign_in(loop: str) -> None:
    """Codes, held polls at the asked pace, tokens kept. CL-01, LP-09."""
    state, world = start(loop, [(200, CODES), PENDING, (200, TOKENS)])
    assert state == SIGNED_IN
    asked = ["0 device_authorization -", ASKED, "6000 token - held", "12000 token - held", FOUND]
    assert world.story == asked
    assert world.states == ["STARTING", "PENDING"]


def test_small_steps(loop: str) -> None:
    """Nobody waits longer than 200 ms for a turn. CL-06."""
    assert start(loop, [(200, CODES), (200, TOKENS)])[1].longest_nap == 200


def test_slow_down(loop: str) -> None:
    """Each slow_down adds 5 s for good. CL-02."""
    slow_down = (400, {"error": "slow_down"})
    world = start(loop, [(200, CODES), slow_down, PENDING, (200, TOKENS)])[1]
    assert [line.split()[0] for line in world.story if " token " in line] == [
        "6000",
        "18000",
        "30000",
    ]


def test_faults(loop: str) -> None:
    """Faults of every kind are waited out, ever longer, and the next poll is not held. CL-04."""
    faults: list[object] = [OSError(), (429, {}), (503, {}), ValueError()]
    faults.insert(0, (200, CODES))
    faults.append((200, TOKENS))
    state, world = start(loop, faults)
    assert state == SIGNED_IN
    assert [line for line in world.story if " token " in line] == [
        "6000 token - held",
        "18000 token -",
        "42000 token -",
        "90000 token -",
        "150000 token -",
    ]


def test_return_code(loop: str) -> None:
    """A flow of the maker's choice asks for the number, which is sent until it is heard. XD-20."""
    asked = (400, {"error": "authorization_pending", "return_code_length": 4, "expires_in": 65})
    answers = [(200, CODES), PENDING, asked, OSError(), (200, TOKENS)]
    state, world = start(loop, answers, flow_type=Entering)
    assert state == SIGNED_IN
    assert [line for line in world.story if " token " in line] == [
        "6000 token - held",
        "12000 token - held",
        "12000 token - held",
        "24000 token -",
    ]
    assert world.forms[-1]["return_code"] == "0427"


def test_denied(loop: str) -> None:
    """A denial is the end, and its codes are forgotten. CL-17, CL-05."""
    state, world = start(loop, [(200, CODES), (400, {"error": "access_denied"})])
    assert state == DENIED
    assert (world.kept, world.answers) == ({}, [])


def test_renewal(loop: str) -> None:
    """Who has a refresh token asks nobody. CL-15."""
    state, world = start(loop, [(200, TOKENS)], OLD)
    assert (state, world.story) == (SIGNED_IN, ["0 token -", FOUND])
    assert world.kept == {"access_token": "new", "refresh_token": "new refresh"}


def test_dead_refresh_token(loop: str) -> None:
    """invalid_grant forgets the tokens, and a person is asked. CL-15."""
    invalid_grant = (400, {"error": "invalid_grant"})
    state, world = start(loop, [invalid_grant, (200, CODES), (200, TOKENS)], OLD)
    assert state == SIGNED_IN
    assert world.story[:3] == ["0 token -", "forgets", "0 device_authorization -"]


def test_renewal_without_a_network(loop: str) -> None:
    """Two minutes without an answer keep the tokens, and so does any other refusal. CL-15."""
    state, world = start(loop, [OSError()] * 7, OLD)
    assert (state, world.kept) == (UNREACHABLE, OLD)
    state, world = start(loop, [(401, {"error": "invalid_client"})], OLD)
    assert (state, world.kept) == (FAILED, OLD)


def test_restart_while_pending(loop: str) -> None:
    """The codes of a sign-in that was cut short are asked about again. CL-14."""
    kept = dict(CODES)
    kept["code_verifier"] = "v" * 43
    kept["scope"] = "profile"
    state, world = start(loop, [(200, TOKENS)], kept)
    assert state == SIGNED_IN
    assert "6000 token - held" in world.story
    assert world.forms[0]["code_verifier"] == "v" * 43


def test_full_flash(loop: str) -> None:
    """Tokens that cannot be kept are not handed out. CL-15."""
    try:
        start(loop, [(200, TOKENS)], OLD, True)
    except OSError:
        pass
    else:
        raise AssertionError
