"""The password grant: off, and watched where it is on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from server.core.records import Client
from server.core.registration import RegistrationError
from server.core.user_interaction import Refused
from tests.fakes import FakeClock
from tests.server.played_client import PlayedClient, claims_of, told
from tests.server.stage import PASSWORD, Stage, opened

DAY = 86400
GRANTS = ("password", "refresh_token")
WRONG = (400, "invalid_grant")


@pytest.fixture
def willing(tmp_path: Path, clock: FakeClock) -> Iterator[Stage]:
    """Give a server on which the grant is switched on."""
    with opened(tmp_path, clock, allow_password_grant=True) as stage:
        yield stage


@pytest.fixture
def old(willing: Stage) -> PlayedClient:
    """Give an old application that may use it for ten more days."""
    until = willing.clock() + 10 * DAY
    return PlayedClient(willing, client_id="old", grant_types=GRANTS, password_until=until)


def ask(client: PlayedClient, username: str = "ada", password: str = PASSWORD) -> TestResponse:
    """Ask for tokens with a name and a password."""
    return client.post("/token", grant_type="password", username=username, password=password)


def test_it_is_off_by_default(stage: Stage) -> None:
    """No client can be registered for it, and it is unsupported_grant_type. RO-01."""
    with pytest.raises(RegistrationError, match="password grant is discouraged and off"):
        stage.register("old", grant_types=GRANTS, password_until=stage.clock() + DAY)
    form = {"grant_type": "password", "client_id": "tv", "username": "ada", "password": PASSWORD}
    assert told(stage.post("/token", form)) == (400, "unsupported_grant_type")


def test_switching_it_on_gives_it_to_nobody(willing: Stage) -> None:
    """A client that is not registered for it is unauthorized_client. RO-01."""
    client = PlayedClient(willing)
    assert told(ask(client)) == (400, "unauthorized_client")


@pytest.mark.parametrize("days", [None, 0, -1])
def test_nobody_gets_it_without_an_end(willing: Stage, days: int | None) -> None:
    """A registration names a day that is yet to come. RO-01."""
    until = None if days is None else willing.clock() + days * DAY
    with pytest.raises(RegistrationError, match="last day"):
        willing.register("old", grant_types=GRANTS, password_until=until)


def test_a_name_and_a_password_earn_tokens(old: PlayedClient) -> None:
    """The right ones do, until they are revoked, and can be refreshed. RFC 6749 4.3.3."""
    response = ask(old)
    answer = response.json or {}
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert claims_of(answer["access_token"])["sub"] == "subject of ada"
    assert response.headers["Cache-Control"] == "no-store"
    form = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    assert old.post("/token", **form).status_code == 200


def test_the_permission_ends(old: PlayedClient) -> None:
    """After its last day the client is unauthorized_client, for right passwords too. RO-01."""
    old.stage.clock.advance(10 * DAY - 1)
    assert ask(old).status_code == 200
    old.stage.clock.advance(1)
    assert told(ask(old)) == (400, "unauthorized_client")


def test_a_permission_without_an_end_is_none(willing: Stage) -> None:
    """A record that names no last day permits nothing. RO-01."""
    client = Client("odd", "Odd", None, "password", "profile", willing.clock())
    willing.server.ports.clients.add(client)
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": "odd"}
    assert told(willing.post("/token", form)) == (400, "unauthorized_client")


def test_an_unknown_name_reads_like_a_wrong_password(old: PlayedClient) -> None:
    """Unknown, disabled and wrong are one answer to the letter. RO-02, LG-04."""
    old.stage.add_account("eve", disabled=True)
    answers = [ask(old, "ada", "wrong"), ask(old, "nobody"), ask(old, "eve"), ask(old, "ada", "é")]
    assert {told(answer) for answer in answers} == {WRONG}
    assert len({(answer.data, str(answer.headers)) for answer in answers}) == 1


@pytest.mark.parametrize("missing", ["username", "password"])
def test_both_halves_are_needed(old: PlayedClient, missing: str) -> None:
    """A request without one is invalid_request. RFC 6749 4.3.2."""
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD, missing: ""}
    assert told(old.post("/token", **form)) == (400, "invalid_request")


def test_guesses_count_with_those_at_the_portal(old: PlayedClient) -> None:
    """Ten wrong passwords, here and there, close both for ten minutes. RO-02, RL-09."""
    stage = old.stage
    for _ in range(5):
        assert told(ask(old, password="wrong")) == WRONG
        assert stage.server.sign_in("ADA", "wrong", "127.0.0.1") is Refused.NOT_FOUND
    limited = ask(old)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "600")
    assert stage.server.sign_in("ada", PASSWORD, "127.0.0.1") is Refused.TOO_MANY
    stage.clock.advance(601)
    assert ask(old).status_code == 200


def test_right_passwords_count_for_nothing(old: PlayedClient) -> None:
    """An application that signs in often locks nobody out. RO-02."""
    assert {ask(old).status_code for _ in range(12)} == {200}


def test_no_session_comes_of_it(old: PlayedClient) -> None:
    """The grant signs nobody in at the portal. RFC 6749 4.3."""
    response = ask(old)
    assert "Set-Cookie" not in response.headers


def test_a_scope_is_asked_for_as_elsewhere(old: PlayedClient) -> None:
    """More than the client's registration is invalid_scope, before any guess. RFC 6749 4.3.2."""
    form = {"grant_type": "password", "username": "ada", "password": "wrong", "scope": "email"}
    assert told(old.post("/token", **form)) == (400, "invalid_scope")


def test_each_use_is_in_the_audit_trail(
    old: PlayedClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Client, person and grant are written down, and never a password. RO-01, LO-01."""
    with caplog.at_level("INFO", "pairlight.audit"):
        ask(old)
        ask(old, password="a wrong guess")
    assert '"event": "password_grant_used", "client_id": "old", "subject": "sub' in caplog.text
    assert "sign_in_refused" in caplog.text
    assert PASSWORD not in caplog.text
    assert "a wrong guess" not in caplog.text
