"""How a resource server comes by the issuer's keys, and goes on when it cannot."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from server.resource.kept import Kept
from tests.fakes import FakeClock
from tests.server.resource.played_issuer import (
    JWKS,
    METADATA,
    FilmAPI,
    PlayedIssuer,
    new_key,
)


def test_keys_are_kept_five_minutes(api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock) -> None:
    """Within five minutes nothing is asked again; then a withdrawn key is noticed. RFC 9068 4."""
    old = issuer.token()
    assert api.status(old) == 200
    issuer.keys = [new_key()]
    clock.advance(299)
    assert api.status(old) == 200
    assert issuer.asked[JWKS] == 1
    clock.advance(1)
    assert (api.status(issuer.token()), issuer.asked[JWKS]) == (200, 2)
    clock.advance(30)
    assert api.status(old) == 401


def test_a_new_key_is_picked_up(api: FilmAPI, issuer: PlayedIssuer) -> None:
    """A token of a key that is newer than what we know is good at once. RFC 9068 4."""
    old = issuer.token()
    assert api.status(old) == 200
    issuer.keys.append(new_key())
    assert api.status(issuer.token()) == 200
    assert api.status(old) == 200
    assert issuer.asked == {METADATA: 2, JWKS: 2}


def test_unknown_keys_cannot_make_us_hammer(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """Invented key IDs cost the issuer one question in 30 s; nothing is accepted. JW-03."""
    assert api.status(issuer.token()) == 200
    statuses = [api.status(issuer.token({"kid": f"invented {i}"})) for i in range(50)]
    assert statuses == [401] + [503] * 49
    assert issuer.asked[JWKS] == 2
    clock.advance(29)
    response = api.get(issuer.token({"kid": "invented"}))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    clock.advance(1)
    assert api.status(issuer.token({"kid": "invented"})) == 401
    assert issuer.asked[JWKS] == 3


def test_old_keys_serve_while_the_issuer_is_down(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """With an issuer that is down known keys stay good, and it is tried twice a minute. RB-07."""
    assert api.status(issuer.token()) == 200
    issuer.go_down()
    clock.advance(300)
    for _ in range(60):
        assert api.status(issuer.token()) == 200
        clock.advance(1)
    assert issuer.asked[METADATA] == 3
    assert api.status(issuer.token({"kid": "unknown"})) == 503
    issuer.come_back()
    issuer.keys.append(new_key())
    clock.advance(30)
    assert api.status(issuer.token()) == 200


def test_without_any_key_nothing_is_decided(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """While no key is known a good token is neither refused nor accepted. RB-07."""
    issuer.go_down()
    for _ in range(3):
        response = api.get(issuer.token())
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert (response.json or {})["error"] == "temporarily_unavailable"
        assert "WWW-Authenticate" not in response.headers
    assert issuer.asked[METADATA] == 1
    issuer.come_back()
    clock.advance(5)
    assert api.status(issuer.token()) == 200


def test_a_clock_that_is_set_back_does_not_keep_keys_for_ever(
    api: FilmAPI, issuer: PlayedIssuer, clock: FakeClock
) -> None:
    """A time before the last question makes us ask again. RB-07."""
    assert api.status(issuer.token()) == 200
    clock.advance(-3600)
    assert api.status(issuer.token()) == 200
    assert issuer.asked[JWKS] == 2


def test_one_thread_asks_and_the_first_wait(clock: FakeClock) -> None:
    """While nothing is known all wait for the one that asks. RFC 9068 4."""
    may_answer, asked = Event(), []

    def ask() -> str:
        asked.append(1)
        assert may_answer.wait(20)
        return "known"

    kept = Kept(ask, clock)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(kept.get) for _ in range(8)]
        may_answer.set()
        assert [answer.result(20) for answer in answers] == ["known"] * 8
    assert len(asked) == 1


def test_what_another_thread_brought_is_taken(clock: FakeClock) -> None:
    """Who missed something in what is old already takes the new one and asks nobody. RFC 9068 4."""
    values = iter([["old"], ["new"]])
    kept = Kept(lambda: next(values), clock)
    old = kept.get()
    assert kept.renewed(old) == ["new"]
    assert kept.renewed(old) == ["new"]


def test_others_go_on_with_the_old_one(clock: FakeClock) -> None:
    """While one thread asks again, the others do not wait for it. RFC 9068 4."""
    begun, may_answer, values = Event(), Event(), iter(["old", "new"])

    def ask() -> str:
        value = next(values)
        if value == "new":
            begun.set()
            assert may_answer.wait(20)
        return value

    kept = Kept(ask, clock)
    assert kept.get() == "old"
    clock.advance(300)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(kept.get)
        assert begun.wait(20)
        assert kept.get() == "old"
        may_answer.set()
        assert asking.result(20) == "new"
    assert kept.get() == "new"


def test_no_token_is_ever_logged(
    api: FilmAPI, issuer: PlayedIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    """What is logged of a fault names the issuer and no token. ASVS 16.2.5."""
    caplog.set_level(logging.DEBUG)
    token = issuer.token()
    issuer.go_down()
    assert api.status(token) == 503
    assert issuer.url in caplog.text
    assert token not in caplog.text
