"""The authorization code grant: once, in time, by the one who asked."""

from itertools import combinations

import pytest

from tests.server.browser_app import APP, CHALLENGE, VERIFIER, BrowserApp
from tests.server.stage import Stage


@pytest.fixture
def app(stage: Stage) -> BrowserApp:
    """Give a public client."""
    return BrowserApp(stage)


def test_a_code_earns_tokens(any_stage: Stage) -> None:
    """A public client with the right verifier gets what was approved. RFC 6749 4.1.4, AC-03."""
    app = BrowserApp(any_stage)
    response = app.redeem(app.code(scope="openid profile", nonce="n"))
    answer = response.json or {}
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert answer["scope"] == "openid profile"
    assert app.lives(answer)


def test_the_id_token_tells_who_and_when(app: BrowserApp) -> None:
    """The ID token is for this app, with its nonce and the time of the sign-in. RFC 6749 4.1.4."""
    session = app.stage.session()
    app.stage.clock.advance(100)
    answer = app.redeem(app.code(session, scope="openid", nonce="n")).json or {}
    claims = app.stage.server.ports.signer.verify_id_token(answer["id_token"]) or {}
    assert (claims["sub"], claims["aud"], claims["nonce"]) == ("subject of ada", "photos", "n")
    assert claims["auth_time"] == int(session.created_at)


def test_without_openid_there_is_no_id_token(app: BrowserApp) -> None:
    """Who the person is goes to those alone who asked. OpenID Connect Core 3.1.2.1."""
    assert "id_token" not in (app.redeem(app.code()).json or {})


def test_without_the_grant_there_is_no_refresh_token(stage: Stage) -> None:
    """A client that is not registered for refresh tokens gets none. RT-01."""
    app = BrowserApp(stage, grant_types=("authorization_code",))
    assert "refresh_token" not in (app.redeem(app.code()).json or {})


# In time


def test_a_code_lives_for_a_minute(app: BrowserApp) -> None:
    """A code is good in its 60th second, and not after it. AC-06."""
    first, second = app.code(), app.code()
    app.stage.clock.advance(59.9)
    assert app.redeem(first).status_code == 200
    app.stage.clock.advance(0.1)
    assert app.error(second) == "invalid_grant"


# By the one who asked

WRONG = {
    "client": {"client_id": "thief"},
    "address": {"redirect_uri": "https://evil.example/back"},
    "verifier": {"code_verifier": "x" * 43},
}


@pytest.mark.parametrize(
    "names", [names for count in (1, 2, 3) for names in combinations(WRONG, count)]
)
@pytest.mark.parametrize("expired", [False, True])
def test_each_binding_counts(app: BrowserApp, names: tuple[str, ...], expired: bool) -> None:
    """One thing wrong is enough, alone or with others, and spends nothing. AC-06."""
    BrowserApp(app.stage, "thief")
    code = app.code()
    app.stage.clock.advance(61 if expired else 0)
    wrong = {name: value for one in names for name, value in WRONG[one].items()}
    assert app.error(code, **wrong) == "invalid_grant"
    assert app.redeem(code).status_code == (400 if expired else 200)


def test_a_code_is_for_its_confidential_client(stage: Stage) -> None:
    """A client that proves itself does not thereby own the codes of others. AC-06."""
    one = BrowserApp(stage, "one", confidential=True)
    other = BrowserApp(stage, "other", confidential=True)
    code = one.code()
    assert other.error(code) == "invalid_grant"
    assert one.redeem(code).status_code == 200


def test_a_wrong_secret_spends_nothing(stage: Stage) -> None:
    """Who is not the client is refused before the code is looked at. AC-05, AC-06."""
    app = BrowserApp(stage, confidential=True)
    code = app.code(scope="openid profile")
    form = {"grant_type": "authorization_code", "code": code, "client_id": "photos"}
    for secret in ({}, {"client_secret": "wrong"}):
        answer = stage.post("/token", {**form, **secret})
        assert (answer.json or {})["error"] == "invalid_client"
    assert app.lives(app.redeem(code).json or {})


@pytest.mark.parametrize(
    "redirect_uri",
    ["", f"{APP}/", f"{APP}?", "https://photos.example/other", "HTTPS://photos.example/back"],
)
def test_the_address_is_that_of_the_request(stage: Stage, redirect_uri: str) -> None:
    """A redirect_uri that was sent is sent again, letter by letter. RFC 6749 4.1.3, AC-06."""
    other = "https://photos.example/other"
    app = BrowserApp(stage, redirect_uris=(APP, other))
    assert app.error(app.code(), redirect_uri=redirect_uri) == "invalid_grant"


def test_an_address_that_was_not_sent_is_not_sent_later(app: BrowserApp) -> None:
    """Without redirect_uri in the request there is none in the exchange. RFC 6749 4.1.3, AC-06."""
    code = app.code(redirect_uri="")
    assert app.error(code) == "invalid_grant"
    assert app.redeem(code, redirect_uri="").status_code == 200


def test_the_port_of_the_request_counts(stage: Stage) -> None:
    """A free port is free in the request; the exchange names the same one. RFC 8252 7.3, AC-06."""
    app = BrowserApp(stage, redirect_uris=("http://127.0.0.1/back",))
    asked, other = "http://127.0.0.1:4001/back", "http://127.0.0.1:4002/back"
    code = app.code(redirect_uri=asked)
    assert app.error(code, redirect_uri=other) == "invalid_grant"
    assert app.redeem(code, redirect_uri=asked).status_code == 200


@pytest.mark.parametrize(
    "verifier",
    ["", "x" * 43, CHALLENGE, VERIFIER.upper(), f"{VERIFIER}=", f"{VERIFIER} ", VERIFIER[:-1]],
)
@pytest.mark.parametrize("confidential", [False, True])
def test_a_challenge_wants_its_verifier(stage: Stage, verifier: str, confidential: bool) -> None:
    """Once there was a challenge, no verifier or a wrong one is refused. AC-04, CV-08."""
    app = BrowserApp(stage, confidential=confidential)
    code = app.code()
    assert app.error(code, code_verifier=verifier) == "invalid_grant"
    assert app.redeem(code).status_code == 200


def test_a_verifier_without_a_challenge_is_a_downgrade(stage: Stage) -> None:
    """Who took the challenge out of the request is found out by the verifier. AC-04."""
    app = BrowserApp(stage, confidential=True)
    code = app.code(code_challenge="", code_challenge_method="")
    assert app.error(code) == "invalid_grant"
    assert app.redeem(code, code_verifier="").status_code == 200


def test_a_public_client_cannot_be_downgraded(app: BrowserApp) -> None:
    """A verifier that is its own challenge, as with `plain`, proves nothing. AC-03, AC-04."""
    code = app.code(code_challenge=CHALLENGE)
    assert (
        app.error(code, code_verifier=CHALLENGE, code_challenge_method="plain") == "invalid_grant"
    )


@pytest.mark.parametrize("code", ["unknown", "x" * 10_000, "\u00e4", "' OR 1=1 --"])
def test_an_unknown_code_is_refused(app: BrowserApp, code: str) -> None:
    """A code that we never made is invalid_grant, whatever it is made of. RFC 6749 5.2."""
    assert app.error(code) == "invalid_grant"


def test_a_code_is_needed(app: BrowserApp) -> None:
    """Without a code the request is malformed. RFC 6749 4.1.3."""
    assert app.error("") == "invalid_request"


def test_other_secrets_are_no_codes(app: BrowserApp) -> None:
    """A device code, a refresh token and a longer code are not authorization codes. AC-06."""
    code = app.code()
    refresh_token = (app.redeem(app.code()).json or {})["refresh_token"]
    for other in (app.stage.start()["device_code"], refresh_token, code + "A"):
        assert app.error(other) == "invalid_grant"
    assert app.redeem(code).status_code == 200


def test_a_device_cannot_exchange_codes(app: BrowserApp) -> None:
    """A client that is not registered for the grant is refused. RFC 6749 5.2."""
    assert app.error(app.code(), client_id="tv") == "unauthorized_client"


def test_a_closed_account_earns_nothing(app: BrowserApp) -> None:
    """Whose account is closed after the approval is signed in nowhere. SE-03."""
    app.stage.add_account("ben", disabled=True)
    code = app.code(app.stage.session("ben"))
    assert app.error(code) == "invalid_grant"


def test_scope_is_what_was_approved(app: BrowserApp) -> None:
    """A scope in the exchange changes nothing. RFC 6749 4.1.3."""
    answer = app.redeem(app.code(), scope="openid profile").json or {}
    assert answer["scope"] == "profile"


def test_a_resource_that_was_not_approved_spends_nothing(app: BrowserApp) -> None:
    """A token for another API is refused, and the code is still good. RFC 8707 2.2."""
    code = app.code()
    assert app.error(code, resource="https://other.example") == "invalid_target"
    assert app.redeem(code).status_code == 200


def test_a_code_bound_to_a_key_wants_its_proof(app: BrowserApp) -> None:
    """With dpop_jkt in the request, an exchange without the key's proof is refused. RFC 9449 10."""
    code = app.code(dpop_jkt=CHALLENGE)
    assert app.error(code) == "invalid_grant"
