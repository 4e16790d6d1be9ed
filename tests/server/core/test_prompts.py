"""What an app may want of a sign-in: prompt, max_age and id_token_hint."""

import pytest

from server.core.authorization import Consent, SignInNeeded
from tests.server.browser_app import BrowserApp

ISSUER = "http://localhost:8628"


def id_token(app: BrowserApp, username: str = "ada") -> str:
    """Sign somebody in; return the ID token."""
    code = app.code(app.stage.session(username), scope="openid")
    return str((app.redeem(code).json or {})["id_token"])


def test_prompt_none_shows_no_page_to_a_stranger(app: BrowserApp) -> None:
    """An app that must not disturb hears that nobody is signed in. OpenID Connect Core 3.1.2.6."""
    answer = app.step(None, prompt="none")
    assert isinstance(answer, dict)
    assert (answer["error"], answer["iss"], answer["state"]) == (
        "login_required",
        ISSUER,
        "a state",
    )


def test_prompt_none_shows_no_page_to_a_person(app: BrowserApp) -> None:
    """An app that must not disturb hears that it would have to. OpenID Connect Core 3.1.2.6."""
    answer = app.step(app.stage.session(), prompt="none")
    assert isinstance(answer, dict)
    assert (answer["error"], answer["iss"]) == ("consent_required", ISSUER)


def test_prompt_login_wants_a_fresh_sign_in(app: BrowserApp) -> None:
    """A sign-in from before is not enough, one from just now is. OpenID Connect Core 3.1.2.1."""
    session = app.stage.session()
    app.stage.clock.advance(61)
    assert app.step(session, prompt="login") == SignInNeeded()
    assert isinstance(app.step(app.stage.session(), prompt="login"), Consent)


def test_max_age_wants_a_young_sign_in(app: BrowserApp) -> None:
    """A sign-in older than the app allows is made again. OpenID Connect Core 3.1.2.1."""
    session = app.stage.session()
    app.stage.clock.advance(100)
    assert isinstance(app.step(session, max_age="100"), Consent)
    app.stage.clock.advance(6)
    assert app.step(session, max_age="100") == SignInNeeded()


def test_max_age_and_prompt_none(trusted: BrowserApp) -> None:
    """A sign-in that is too old is none where no page may be shown. OpenID Connect Core 3.1.2.1."""
    session = trusted.stage.session()
    trusted.stage.clock.advance(106)
    answer = trusted.step(session, max_age="100", prompt="none")
    assert isinstance(answer, dict)
    assert answer["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account", "login consent"])
def test_a_prompt_is_never_answered_silently(trusted: BrowserApp, prompt: str) -> None:
    """An app that wants the person asked has the person asked. OpenID Connect Core 3.1.2.1."""
    assert isinstance(trusted.step(trusted.stage.session(), prompt=prompt), Consent)


def test_a_hint_of_another_person_is_a_sign_in(trusted: BrowserApp) -> None:
    """Where ben is expected, ada's sign-in is none. OpenID Connect Core 3.1.2.1."""
    trusted.stage.add_account("ben")
    of_ben, ada = id_token(trusted, "ben"), trusted.stage.session()
    assert trusted.step(ada, id_token_hint=of_ben) == SignInNeeded()
    answer = trusted.step(ada, id_token_hint=of_ben, prompt="none")
    assert isinstance(answer, dict)
    assert answer["error"] == "login_required"


def test_an_old_hint_of_the_same_person_is_good(trusted: BrowserApp) -> None:
    """An ID token that has expired still says who is expected. OpenID Connect Core 3.1.2.1."""
    hint = id_token(trusted)
    trusted.stage.clock.advance(7200)
    assert "code" in trusted.silently(id_token_hint=hint)


@pytest.mark.parametrize("hint", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."])
def test_a_hint_that_cannot_be_read_is_not_guessed(trusted: BrowserApp, hint: str) -> None:
    """Nobody is signed in silently in place of an unknown one. OpenID Connect Core 3.1.2.1."""
    session = trusted.stage.session()
    assert isinstance(trusted.step(session, id_token_hint=hint), Consent)
    answer = trusted.step(session, id_token_hint=hint, prompt="none")
    assert isinstance(answer, dict)
    assert answer["error"] == "consent_required"
