"""What may happen how often."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.app import build
from server.config import make
from server.core.device_authorization import _count_start
from server.core.errors import TooMany
from server.core.limits import network, site
from server.core.ports import StoreUnavailable
from server.core.records import DeviceAuthorization
from server.core.states import State
from server.core.user_code import ALPHABET, WEAKEST, odds, safe_length
from server.core.user_interaction import DeviceRequest, Refused
from tests.server.stage import PASSWORD, Stage, basic

WRONG = "BBBB-BBBB"
HERE = "192.0.2.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_who_is_counted_together(address: str, counted: str) -> None:
    """An IPv4 address alone, an IPv6 network of 64 bits whole. RL-03."""
    assert network(address) == counted


@pytest.mark.parametrize(
    ("address", "around"),
    [
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("192.0.2.1", None),
        ("::ffff:192.0.2.1", None),
        ("x/64", None),
    ],
)
def test_what_a_provider_gives_one_customer(address: str, around: str | None) -> None:
    """An IPv6 network of 64 bits lies in one of 48; nothing else does. RL-14."""
    assert site(address) == around


def test_one_site_leaves_the_client_to_others(stage: Stage) -> None:
    """Many networks of one site get ten times what one gets, not all of the client's. RL-14."""
    client = stage.server.ports.clients.find("tv")
    assert client is not None
    limits, counters = stage.server.limits, stage.server.ports.quick_counters

    def refused(address: str) -> bool:
        try:
            _count_start(address, client, stage.server.ports, limits)
        except TooMany:
            return True
        return False

    answers = [refused(f"2001:db8:1:{number:x}::1") for number in range(1010)]
    assert answers.count(False) == 1000
    assert not refused("2001:db8:2::1")
    for _ in range(limits.starts_of_client.amount - 1001):
        assert counters.count(limits.starts_of_client, "tv")


def test_an_account_has_five_misses(stage: Stage) -> None:
    """The sixth wrong code is not looked up, and neither is a right one. RL-01, RL-02."""
    session = stage.session()
    user_code = stage.start()["user_code"]
    for _ in range(5):
        assert stage.server.claim(WRONG, session, HERE) is Refused.NOT_FOUND
    assert stage.server.claim(WRONG, session, HERE) is Refused.TOO_MANY
    assert stage.server.claim(user_code, session, HERE) is Refused.TOO_MANY
    stage.clock.advance(600)
    assert isinstance(stage.server.claim(stage.start()["user_code"], session, HERE), str)


def test_the_limit_follows_the_account(stage: Stage) -> None:
    """Another browser and another address do not help a guesser. RL-02."""
    for number in range(5):
        stage.server.claim(WRONG, stage.session(), f"192.0.2.{number}")
    assert stage.server.claim(WRONG, stage.session(), "192.0.2.99") is Refused.TOO_MANY


@pytest.mark.parametrize("spelling", ["BBBB-BBBB", "bbbbbbbb", " bbbb bbbb ", "8888-8888"])
def test_no_spelling_escapes(stage: Stage, spelling: str) -> None:
    """Variants of one code count like any other miss. RL-06."""
    session = stage.session()
    for _ in range(5):
        stage.server.claim(spelling, session, HERE)
    assert stage.server.claim(WRONG, session, HERE) is Refused.TOO_MANY


def test_a_success_does_not_clear_the_address(stage: Stage) -> None:
    """Valid codes of one's own in between do not buy more guesses. RL-03, CV-16."""
    for number in range(20):
        stage.add_account(f"guesser{number}")
        session = stage.session(f"guesser{number}")
        stage.claim(stage.start()["user_code"], session)
        assert stage.server.claim(WRONG, session, HERE) is Refused.NOT_FOUND
    assert stage.server.claim(WRONG, stage.session(), HERE) is Refused.TOO_MANY


def test_a_household_with_right_codes_meets_no_limit(stage: Stage) -> None:
    """Ninety people behind one address, all with valid codes: none is refused. RL-04."""
    for number in range(90):
        stage.add_account(f"person{number}")
        stage.claim(stage.start()["user_code"], stage.session(f"person{number}"))


def test_many_guessers_make_codes_longer_and_then_pause(stage: Stage) -> None:
    """Past everybody's budget new codes are longer; past ten times that, none is taken. RL-05."""
    counters, limits = stage.server.ports.kept_counters, stage.server.limits
    assert len(stage.start()["user_code"]) == len("BBBB-BBBB")
    for number in range(limits.codes_of_all.amount):
        stage.add_account(f"g{number}")
        stage.server.claim(WRONG, stage.session(f"g{number}"), f"198.51.{number // 250}.{number}")
    stage.clock.advance(5)
    assert len(stage.start()["user_code"]) == len("BBBB-BBBB-BB")
    while counters.count(limits.codes_paused, ""):
        pass
    user_code = stage.start()["user_code"]
    assert stage.server.claim(user_code, stage.session(), HERE) is Refused.TOO_MANY


def test_the_default_code_meets_the_bound() -> None:
    """Five guesses at eight of twenty letters hit less than once in 2^32. COD-01."""
    assert odds(8, 5) < WEAKEST < odds(7, 5)
    assert odds(8, 5) == 5 / len(ALPHABET) ** 8


@given(st.integers(6, 12), st.integers(1, 10_000), st.integers(1, 10**7))
def test_codes_grow_with_their_number(shortest: int, guesses: int, live: int) -> None:
    """However many live, all guesses together hit one less than once in a million. COD-11."""
    length = safe_length(shortest, guesses, live)
    assert length >= shortest
    assert odds(length, guesses, live) <= 2.0**-20
    assert length == shortest or odds(length - 1, guesses, live) > 2.0**-20


def test_ten_thousand_live_codes_make_new_ones_ten_letters_long() -> None:
    """The figure that operators can expect. COD-11."""
    assert safe_length(8, 200, 10_000) == 10


def test_ten_wrong_passwords_and_a_person_waits(stage: Stage) -> None:
    """From one address; elsewhere the person still gets in, so nobody is locked out. RL-07."""
    for _ in range(10):
        assert stage.server.sign_in("ada", "wrong", HERE) is Refused.NOT_FOUND
    assert stage.server.sign_in("ada", PASSWORD, HERE) is Refused.TOO_MANY
    assert isinstance(stage.server.sign_in("ada", PASSWORD, "198.51.100.7"), str)
    stage.clock.advance(600)
    assert isinstance(stage.server.sign_in("ada", PASSWORD, HERE), str)


def test_one_address_locks_nobody_out(stage: Stage) -> None:
    """A hundred wrong tries from one address leave the person's account open. RL-07."""
    for _ in range(100):
        stage.server.sign_in("ada", "wrong", HERE)
    limits, counters = stage.server.limits, stage.server.ports.kept_counters
    assert not counters.spent(limits.passwords_of_address, HERE)
    assert isinstance(stage.server.sign_in("ada", PASSWORD, "198.51.100.7"), str)
    for _ in range(limits.passwords_of_account.amount - 10):
        assert counters.count(limits.passwords_of_account, "ada")


@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_a_refused_password_writes_nothing(
    stage: Stage, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past a limit a try costs reads alone, for a name that exists and for any other. RL-07."""
    for _ in range(10):
        stage.server.sign_in(username, "wrong", HERE)
    database = stage.application.database
    monkeypatch.setattr(database, "writing", None)
    assert stage.server.sign_in(username, PASSWORD, HERE) is Refused.TOO_MANY


def test_passwords_side_by_side_do_not_outrun_a_limit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looked in time and counted too late is refused, and his try is given back. RL-07."""
    limits, counters = stage.server.limits, stage.server.ports.kept_counters
    for _ in range(10):
        counters.count(limits.passwords_here, f"ada {HERE}")
    monkeypatch.setattr(counters, "spent", lambda *_: False)
    for _ in range(100):
        assert stage.server.sign_in("ada", PASSWORD, HERE) is Refused.TOO_MANY
    assert isinstance(stage.server.sign_in("bob", PASSWORD, HERE), Refused)
    assert isinstance(stage.server.sign_in("ada", PASSWORD, "198.51.100.7"), str)


def test_codes_side_by_side_do_not_outrun_the_address(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts of one address that all looked in time: the 21st is not looked up. RL-03."""
    monkeypatch.setattr(stage.server.ports.kept_counters, "spent", lambda *_: False)
    for number in range(20):
        stage.add_account(f"guesser{number}")
        assert stage.server.claim(WRONG, stage.session(f"guesser{number}"), HERE) is (
            Refused.NOT_FOUND
        )
    user_code = stage.start()["user_code"]
    assert stage.server.claim(user_code, stage.session(), HERE) is Refused.TOO_MANY


def test_a_refused_code_costs_the_account_nothing(stage: Stage) -> None:
    """Who is refused for the address still has five misses of his own elsewhere. RL-04."""
    limits, counters = stage.server.limits, stage.server.ports.kept_counters
    for _ in range(limits.codes_of_address.amount):
        counters.count(limits.codes_of_address, HERE)
    session = stage.session()
    for _ in range(9):
        assert stage.server.claim(WRONG, session, HERE) is Refused.TOO_MANY
    assert stage.server.claim(WRONG, session, "198.51.100.7") is Refused.NOT_FOUND


@pytest.mark.parametrize("failing", [False, True])
def test_an_approval_that_did_not_happen_is_given_back(
    stage: Stage, failing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that lost to another, or that the store did not take, is not counted. RL-15."""
    session = stage.session()
    reference = stage.claim(stage.start()["user_code"], session)
    store = stage.server.ports.device_authorizations
    swap = store.swap

    def lose(old: DeviceAuthorization, new: DeviceAuthorization) -> bool:
        if failing:
            raise StoreUnavailable("the disk is full")
        swap(old, old._replace(state=State.DENIED, version=old.version + 1))
        return False

    with monkeypatch.context() as patch:
        patch.setattr(store, "swap", lose)
        try:
            stage.server.approve(reference, session)
        except StoreUnavailable:
            assert failing
    for _ in range(10):
        reference = stage.claim(stage.start()["user_code"], session)
        assert isinstance(stage.server.approve(reference, session), DeviceRequest)


def test_an_account_approves_ten_devices_a_day(stage: Stage) -> None:
    """The eleventh is refused until tomorrow, and denying stays free. RL-15."""
    session = stage.session()
    for _ in range(10):
        reference = stage.claim(stage.start()["user_code"], session)
        assert isinstance(stage.server.approve(reference, session), DeviceRequest)
    reference = stage.claim(stage.start()["user_code"], session)
    assert stage.server.approve(reference, session) is Refused.ENOUGH_TODAY
    assert isinstance(stage.server.deny(reference, session), DeviceRequest)


def test_guessing_a_client_secret_is_throttled(any_stage: Stage) -> None:
    """After twenty wrong secrets even the right one is 429 from there. RL-08."""
    secret = any_stage.register("box", confidential=True) or ""
    for _ in range(20):
        assert any_stage.post("/token", "grant_type=x", basic("box", "no")).status_code != 429
        any_stage.post("/device_authorization", {}, basic("box", "no"))
    response = any_stage.post("/device_authorization", {}, basic("box", secret))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "600")


def test_one_address_cannot_flood_the_table(any_stage: Stage) -> None:
    """The 101st request of a lifetime is 429 with Retry-After. RL-12, RL-14, DAE-21, PA-02."""
    for _ in range(100):
        any_stage.start()
    response = any_stage.post("/device_authorization", {"client_id": "tv"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "600")
    assert (response.json or {})["error"] == "temporarily_unavailable"
    any_stage.clock.advance(600)
    any_stage.start()


def test_unknown_codes_are_bounded_without_touching_honest_polls(any_stage: Stage) -> None:
    """A flood of made-up device codes becomes 429; the real device still hears pending. TOK-15."""
    code = any_stage.start()["device_code"]
    answers = [any_stage.poll(f"made-up-{number}").status_code for number in range(101)]
    assert (answers[99], answers[100]) == (400, 429)
    assert any_stage.error(code) == "authorization_pending"


def test_an_expired_request_costs_no_approval(stage: Stage) -> None:
    """Only what can still be approved counts against the day. RL-15."""
    session = stage.session()
    reference = stage.claim(stage.start()["user_code"], session)
    stage.clock.advance(600)
    for _ in range(11):
        assert isinstance(stage.server.approve(reference, session), DeviceRequest)


def test_limits_of_people_survive_a_restart(stage: Stage, tmp_path: Path) -> None:
    """Five misses are still five after the server was built anew. RL-13."""
    session = stage.session()
    for _ in range(5):
        stage.server.claim(WRONG, session, HERE)
    again = build(make(database=f"sqlite:///{tmp_path}/pairlight.db"), stage.clock)
    assert again.server.claim(WRONG, session, HERE) is Refused.TOO_MANY
    again.close()


@pytest.mark.parametrize("path", ["/introspect", "/revoke"])
def test_guesses_at_a_secret_are_limited_at_every_endpoint(stage: Stage, path: str) -> None:
    """Twenty wrong secrets of a client and address are as many as it gets. RL-10, RL-11."""
    secret = stage.register("kiosk", confidential=True) or ""
    for _ in range(20):
        answer = stage.post(path, {"token": "x"}, basic("kiosk", "wrong"))
        assert answer.status_code == 401
    answer = stage.post(path, {"token": "x"}, basic("kiosk", secret))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
