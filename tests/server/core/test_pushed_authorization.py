"""What becomes of a request that was sent ahead (RFC 9126)."""

from collections.abc import Mapping

import pytest

from server.core.authorization import Consent, Redirect
from server.core.errors import OAuthError
from server.core.records import Session
from tests.server.browser_app import APP, BrowserApp, told
from tests.server.stage import Stage


def test_a_pushed_request_is_asked_about(app: BrowserApp) -> None:
    """What was sent ahead stands for what the browser brings. PA-03."""
    outer = app.pushed(state="pushed")
    session = app.stage.session()
    found = app.stage.server.read_authorization(tuple(outer.items()))
    assert not isinstance(found, Redirect)
    assert isinstance(app.stage.server.next_step(found, session), Consent)
    answer = told(app.stage.server.answer_authorization(found, session, True))
    assert answer["state"] == "pushed"
    assert app.redeem(answer["code"]).status_code == 200


def test_what_stands_beside_a_pushed_request_is_ignored(app: BrowserApp) -> None:
    """The browser adds nothing to what the client pushed. PA-03, RFC 9101 6.3."""
    outer = app.pushed(state="pushed")
    added = {
        "redirect_uri": "https://evil.example/",
        "scope": "openid",
        "state": "evil",
        "response_type": "token",
        "code_challenge": "x" * 43,
        "prompt": "none",
    }
    found = app.stage.server.read_authorization(tuple({**added, **outer}.items()))
    plain = app.stage.server.read_authorization(tuple(outer.items()))
    assert found == plain
    assert not isinstance(found, Redirect)
    assert (found.redirect_uri, found.state, found.scope) == (APP, "pushed", "profile")


def decide(app: BrowserApp, outer: Mapping[str, str], session: Session, approved: bool) -> Redirect:
    """Answer a pushed request."""
    found = app.stage.server.read_authorization(tuple(outer.items()))
    assert not isinstance(found, Redirect)
    return app.stage.server.answer_authorization(found, session, approved)


@pytest.mark.parametrize("approved", [False, True])
def test_a_pushed_request_is_answered_once(app: BrowserApp, approved: bool) -> None:
    """After a decision, of either kind, the request is unknown. PA-03."""
    outer, session = app.pushed(), app.stage.session()
    decide(app, outer, session, approved)
    with pytest.raises(OAuthError, match="unknown, used or too old"):
        decide(app, outer, session, True)


def test_of_two_windows_one_answers(app: BrowserApp) -> None:
    """A request that two windows have read is answered by the first of them alone. PA-03."""
    session, pairs = app.stage.session(), tuple(app.pushed().items())
    windows = [app.stage.server.read_authorization(pairs) for _ in range(2)]
    for number, found in enumerate(windows):
        assert not isinstance(found, Redirect)
        if number == 0:
            app.stage.server.answer_authorization(found, session, True)
            continue
        with pytest.raises(OAuthError, match="has been answered"):
            app.stage.server.answer_authorization(found, session, True)


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_refusal_without_a_page_is_an_answer_too(app: BrowserApp, signed_in: bool) -> None:
    """A pushed request with prompt=none is used up, whatever the answer is. PA-03."""
    outer, session = app.pushed(prompt="none"), app.stage.session() if signed_in else None
    found = app.stage.server.read_authorization(tuple(outer.items()))
    assert not isinstance(found, Redirect)
    assert isinstance(app.stage.server.next_step(found, session), Redirect)
    with pytest.raises(OAuthError, match="unknown, used or too old"):
        app.stage.server.read_authorization(tuple(outer.items()))


def test_a_look_does_not_use_a_request_up(app: BrowserApp) -> None:
    """A person may sign in, reload and think. RFC 9126 4, PA-03."""
    pairs, session = tuple(app.pushed().items()), app.stage.session()
    for person in (None, session, session):
        found = app.stage.server.read_authorization(pairs)
        assert not isinstance(found, Redirect)
        assert not isinstance(app.stage.server.next_step(found, person), Redirect)


def test_a_pushed_request_lives_ten_minutes(app: BrowserApp) -> None:
    """A pushed request is good for 600 seconds and not one more. PA-03."""
    pairs = tuple(app.pushed().items())
    app.stage.clock.advance(599)
    assert not isinstance(app.stage.server.read_authorization(pairs), Redirect)
    app.stage.clock.advance(1)
    with pytest.raises(OAuthError, match="unknown, used or too old"):
        app.stage.server.read_authorization(pairs)


def test_a_pushed_request_belongs_to_its_client(app: BrowserApp) -> None:
    """Another client cannot use a request_uri, and does not use it up. PA-03."""
    BrowserApp(app.stage, "thief")
    outer = app.pushed()
    with pytest.raises(OAuthError, match="unknown, used or too old"):
        app.stage.server.read_authorization(tuple({**outer, "client_id": "thief"}.items()))
    assert "code" in told(decide(app, outer, app.stage.session(), True))


@pytest.mark.parametrize(
    "request_uri",
    [
        "urn:ietf:params:oauth:request_uri:unknown",
        "https://evil.example/request.jwt",
        "file:///etc/passwd",
        "x" * 10_000,
    ],
)
def test_other_request_uris_are_not_fetched(app: BrowserApp, request_uri: str) -> None:
    """Only what was pushed here has a name here; nothing is loaded from anywhere. PA-03, AC-02."""
    with pytest.raises(OAuthError, match="unknown, used or too old"):
        app.read(request_uri=request_uri)


def test_a_client_that_must_push_cannot_ask_otherwise(stage: Stage) -> None:
    """What the browser brings in the clear is not heard from such a client. PA-01, RFC 9126 6."""
    app = BrowserApp(stage, pushed_only=True)
    with pytest.raises(OAuthError, match="must push"):
        app.read()
    assert "code" in told(decide(app, app.pushed(), stage.session(), True))
