"""People and their sessions."""

import pytest

from server.core.user_interaction import Refused
from tests.server.stage import PASSWORD, Stage


def signed_in(stage: Stage, username: str, password: str) -> str:
    """Sign somebody in; return the session's identifier."""
    identifier = stage.server.sign_in(username, password)
    assert isinstance(identifier, str)
    return identifier


@pytest.mark.parametrize("username", ["ada", "ADA", " Ada ", "\uff41\uff44\uff41"])
def test_a_person_signs_in(stage: Stage, username: str) -> None:
    """The right password starts a session, however the username is spelled. VER-09."""
    identifier = signed_in(stage, username, PASSWORD)
    session, account = stage.server.find_session(identifier) or (None, None)
    assert account is not None
    assert session is not None
    assert (account.username, session.subject) == ("ada", "subject of ada")


@pytest.mark.parametrize(
    ("username", "password"), [("ada", "wrong"), ("ada", ""), ("nobody", PASSWORD), ("", "")]
)
def test_a_wrong_half_is_refused(stage: Stage, username: str, password: str) -> None:
    """A wrong name and a wrong password are refused alike. LG-04."""
    assert stage.server.sign_in(username, password) is Refused.NOT_FOUND


def test_a_disabled_account_is_refused_like_a_wrong_password(stage: Stage) -> None:
    """Nothing says that the account exists. LG-04."""
    stage.add_account("eve", disabled=True)
    assert stage.server.sign_in("eve", PASSWORD) is Refused.NOT_FOUND


def test_only_a_session_identifier_finds_a_session(stage: Stage) -> None:
    """Neither an unknown identifier nor the stored digest opens a session. SE-02."""
    stage.server.sign_in("ada", PASSWORD)
    assert stage.server.find_session("unknown") is None
    assert stage.server.find_session("") is None


def test_a_session_has_256_bits_and_each_sign_in_its_own(stage: Stage) -> None:
    """Identifiers are 43 characters and never repeat. SE-02, COD-12."""
    identifiers = {signed_in(stage, "ada", PASSWORD) for _ in range(3)}
    assert len(identifiers) == 3
    assert {len(identifier) for identifier in identifiers} == {43}


def test_an_idle_session_ends(stage: Stage) -> None:
    """Half an hour without a visit ends it; a visit in between keeps it. SE-02."""
    identifier = signed_in(stage, "ada", PASSWORD)
    stage.clock.advance(1700)
    assert stage.server.find_session(identifier) is not None
    stage.clock.advance(1700)
    assert stage.server.find_session(identifier) is not None
    stage.clock.advance(1801)
    assert stage.server.find_session(identifier) is None


def test_a_busy_session_ends_as_well(stage: Stage) -> None:
    """After twelve hours the person signs in again, visits or not. SE-02."""
    identifier = signed_in(stage, "ada", PASSWORD)
    for _ in range(24):
        stage.clock.advance(1799)
        assert stage.server.find_session(identifier) is not None
    stage.clock.advance(600)
    assert stage.server.find_session(identifier) is None


def test_signing_out_ends_the_session_on_the_server(stage: Stage) -> None:
    """The identifier opens nothing afterwards. SE-03."""
    identifier = signed_in(stage, "ada", PASSWORD)
    stage.server.sign_out(identifier)
    assert stage.server.find_session(identifier) is None
