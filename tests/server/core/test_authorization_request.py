"""What an app may ask, who is told what is wrong with it, and where."""

import pytest

from server.core.authorization import Redirect
from server.core.errors import OAuthError
from tests.server.browser_app import APP, CHALLENGE, BrowserApp, told
from tests.server.core.forged_addresses import FORGED, KNOWN
from tests.server.stage import Stage


def stopped(app: BrowserApp, *more: tuple[str, str], **changes: str) -> str:
    """Send a request that nobody is sent anywhere with; return why."""
    pairs = (*{**app.asked, **changes}.items(), *more)
    with pytest.raises(OAuthError) as caught:
        app.stage.server.read_authorization(pairs)
    assert caught.value.code == "invalid_request"
    return caught.value.description


# What a person is told, and nobody else


@pytest.mark.parametrize("client_id", ["", "unknown", "PHOTOS", "photos ", "photos\n"])
def test_an_unknown_client_is_sent_nowhere(app: BrowserApp, client_id: str) -> None:
    """Without a known client there is no address to trust. AC-02."""
    assert "client_id" in stopped(app, client_id=client_id)


def test_a_forged_address_is_sent_nowhere(stage: Stage) -> None:
    """An address that is not registered gets no answer, not even an error. AC-02, AC-11."""
    app = BrowserApp(stage, redirect_uris=KNOWN)
    for redirect_uri in FORGED:
        assert "redirect_uri" in stopped(app, redirect_uri=redirect_uri), redirect_uri


@pytest.mark.parametrize(
    "wrong", [{"response_type": "x"}, {"prompt": "none"}, {"scope": "admin"}, {"request": "x"}]
)
def test_what_else_is_wrong_does_not_come_first(app: BrowserApp, wrong: dict[str, str]) -> None:
    """No other mistake makes a forged address one that is answered. AC-02."""
    assert "redirect_uri" in stopped(app, redirect_uri="https://evil.example/", **wrong)


def test_an_address_of_another_client_is_sent_nowhere(app: BrowserApp) -> None:
    """A registered address is good for its own client alone. AC-01, AC-02."""
    BrowserApp(app.stage, "other", redirect_uris=("https://other.example/back",))
    assert "redirect_uri" in stopped(app, redirect_uri="https://other.example/back")


def test_a_device_has_no_address(app: BrowserApp) -> None:
    """A client without addresses is sent nowhere, whatever it names. AC-02."""
    assert "redirect_uri" in stopped(app, client_id="tv", redirect_uri="")


@pytest.mark.parametrize("value", ["", "x", APP])
def test_a_parameter_that_occurs_twice_is_sent_nowhere(app: BrowserApp, value: str) -> None:
    """Which of two is meant cannot be known, even when one is empty. RFC 6749 3.1, AC-02."""
    for name in (*app.asked, "request_uri", "prompt", "nonce", "x"):
        assert "twice" in stopped(app, (name, value), **{name: "first"})


def test_parameters_without_a_value_are_not_there(app: BrowserApp) -> None:
    """An empty parameter is as good as none. RFC 6749 3.1."""
    found = app.request(redirect_uri="", state="", nonce="", prompt="", max_age="")
    assert (found.redirect_uri, found.redirect_uri_sent) == (APP, "")
    assert (found.state, found.nonce, found.prompt, found.max_age) == (
        None,
        None,
        frozenset(),
        None,
    )


# What the app is told


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "token code"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"response_type": "code "}, "unsupported_response_type"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "profile  profile"}, "invalid_scope"),
        ({"scope": "profile\r\nx"}, "invalid_scope"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "sometimes"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "\u0661"}, "invalid_request"),
        ({"max_age": "9" * 11}, "invalid_request"),
        ({"nonce": "x" * 513}, "invalid_request"),
        ({"dpop_jkt": "x"}, "invalid_request"),
        ({"dpop_jkt": "x" * 43 + "\n"}, "invalid_request"),
    ],
)
def test_the_app_is_told_what_is_wrong(
    app: BrowserApp, changes: dict[str, str], error: str
) -> None:
    """Each mistake has its word, and comes with the state and our name. AC-07, AC-12, IM-01."""
    answer = app.refusal(**changes)
    assert answer.pop("error_description").isascii()
    assert answer == {"error": error, "state": "a state", "iss": "http://localhost:8628"}


def test_a_client_that_is_not_registered_for_codes_gets_none(stage: Stage) -> None:
    """An address alone does not make the authorization code grant. RFC 6749 4.1.2.1."""
    app = BrowserApp(stage, grant_types=("refresh_token",))
    assert app.refusal()["error"] == "unauthorized_client"


# PKCE (RFC 7636)


def test_a_public_client_must_prove_itself_later(app: BrowserApp) -> None:
    """Without a challenge a public client is refused. AC-03."""
    answer = app.refusal(code_challenge="", code_challenge_method="")
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S256 plain"},
        {"code_challenge": ""},
        {"code_challenge": CHALLENGE + "="},
        {"code_challenge": CHALLENGE[:-1]},
        {"code_challenge": CHALLENGE + "A"},
        {"code_challenge": CHALLENGE + "\n"},
        {"code_challenge": CHALLENGE[:-1] + "+"},
        {"code_challenge_method": "plain", "code_challenge": "x" * 64},
    ],
)
@pytest.mark.parametrize("confidential", [False, True])
def test_a_challenge_is_of_one_kind(
    stage: Stage, changes: dict[str, str], confidential: bool
) -> None:
    """Only a SHA-256 is a challenge; `plain`, said or implied, is refused to everybody. AC-03."""
    app = BrowserApp(stage, confidential=confidential)
    assert app.refusal(**changes)["error"] == "invalid_request"


def test_a_confidential_client_may_do_without(stage: Stage) -> None:
    """Whoever proves itself with a secret need not send a challenge. RFC 9700 2.1.1, AC-03."""
    app = BrowserApp(stage, confidential=True)
    assert app.request(code_challenge="", code_challenge_method="").code_challenge is None


# What a good request holds


def test_a_request_is_read_whole(app: BrowserApp) -> None:
    """Everything that was asked for is in the request. OpenID Connect Core 3.1.2.1."""
    found = app.request(
        nonce="n" * 512, prompt="login consent", max_age="0", id_token_hint="x", dpop_jkt=CHALLENGE
    )
    assert found._replace(client=app.client) == (
        *(app.client, APP, APP, "code", "a state", "profile", "", CHALLENGE, "n" * 512, CHALLENGE),
        *(frozenset({"login", "consent"}), 0, "x", None),
    )


def test_what_is_unknown_is_ignored(app: BrowserApp) -> None:
    """Parameters that nobody defined change nothing. RFC 6749 3.1."""
    assert app.request(display="popup", ui_locales="de", x="y") == app.request()


def test_several_resources_may_be_named(app: BrowserApp) -> None:
    """Of `resource` alone there may be more than one. RFC 8707 2."""
    pairs = (*app.asked.items(), ("resource", "http://localhost:8628"))
    found = app.stage.server.read_authorization((*pairs, ("resource", "https://unknown.example")))
    assert isinstance(found, Redirect)
    assert told(found)["error"] == "invalid_target"
    assert app.request(resource="http://localhost:8628").resource == "http://localhost:8628"
