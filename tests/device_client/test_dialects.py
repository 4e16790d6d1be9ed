"""Other people's servers, by the answers that their documentation describes; on both Pythons."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from device_client.flow import DENIED, EXPIRED, FAILED, SIGNED_IN
from tests.device_client.conftest import Serve
from tests.device_client.dialects import asking
from tests.device_client.pythons import PYTHONS, caller

FOLDER = Path(__file__).parent / "dialects"
DIALECTS = sorted(path.stem for path in FOLDER.glob("*.json"))

Answer = dict[str, Any]
Ask = Callable[[list[Answer]], list[Any]]


def recorded(dialect: str) -> dict[str, Any]:
    """Return what a server of a dialect answers to each question."""
    answers: dict[str, Any] = json.loads((FOLDER / f"{dialect}.json").read_text())
    return answers


def as_bytes(answer: Answer) -> bytes:
    """Return an answer as a server sends it."""
    body = json.dumps(answer["body"]).encode()
    head = b"HTTP/1.1 %d .\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (answer["status"], len(body)) + body


@pytest.fixture(params=PYTHONS)
def ask(request: pytest.FixtureRequest, serve: Serve, tmp_path: Path) -> Ask:
    """Sign in with each Python in turn, at a server that gives these answers."""
    sign_in = caller(request, asking, "sign_in")

    def asked(answers: list[Answer]) -> list[Any]:
        lines: list[Any] = sign_in(serve(*map(as_bytes, answers)).url, str(tmp_path / "tokens"))
        return lines

    return asked


def pace(answers: list[Answer]) -> list[int]:
    """Return when to ask: 20 % after the interval, of which slow_down makes 5 s more for good."""
    interval, now_ms, times = 5, 0, [0]
    for answer in answers[1:]:
        now_ms += interval * 1200
        times.append(now_ms)
        interval += 5 * (answer["body"].get("error") == "slow_down")
    return times


@pytest.mark.parametrize("dialect", DIALECTS)
def test_sign_in(ask: Ask, dialect: str) -> None:
    """Codes are shown, polls keep the pace that is asked for, tokens are kept. CL-01, CL-02."""
    told = recorded(dialect)
    answers = [told["codes"], *told["polls"], told["polls"][0], told["tokens"]]
    codes = told["codes"]["body"]
    shown, asked_ms, state, error, kept = ask(answers)
    address = codes.get("verification_uri") or codes["verification_url"]
    assert shown == [codes["user_code"], address]
    assert asked_ms == pace(answers)
    assert (state, error) == (SIGNED_IN, "")
    assert kept == sorted({"access_token", "refresh_token"} & set(told["tokens"]["body"]))


@pytest.mark.parametrize("dialect", sorted({*DIALECTS} - {"entra"}))
def test_denied(ask: Ask, dialect: str) -> None:
    """A denial ends it at once, and is told as one. CL-03, CL-17."""
    told = recorded(dialect)
    answers = [told["codes"], *told["polls"], told["denied"]]
    _, asked_ms, state, error, kept = ask(answers)
    assert (state, kept) == (DENIED, [])
    assert error == told["denied"]["body"]["error"]
    assert asked_ms == pace(answers)


def test_denied_in_other_words(ask: Ask) -> None:
    """Entra has a word of its own for a denial: it ends it, and is told as it is. CL-03."""
    told = recorded("entra")
    *_, state, error, kept = ask([told["codes"], told["denied"]])
    assert (state, error, kept) == (FAILED, "authorization_declined", [])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_expired(ask: Ask, dialect: str) -> None:
    """A code that has expired ends it, by the server's word or by the clock. CL-05, CL-17."""
    told = recorded(dialect)
    if told["expired"]:
        answers = [told["codes"], *told["polls"], told["expired"]]
    else:
        told["codes"]["body"]["expires_in"] = 10
        answers = [told["codes"], *[told["polls"][0]] * 2]
    _, asked_ms, state, _, kept = ask(answers)
    assert (state, kept) == (EXPIRED, [])
    assert asked_ms == pace(answers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_source(dialect: str) -> None:
    """Where the facts are from is written down with them.."""
    told = recorded(dialect)
    assert told["source"].startswith("https://")
    assert told["facts"].endswith(".")
