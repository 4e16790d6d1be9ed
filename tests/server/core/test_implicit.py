"""The implicit grant: off, and where it is on, as little as it can be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from server.config import make
from server.core.authorization import Consent, Redirect
from server.core.errors import OAuthError
from server.core.registration import RegistrationError
from tests.fakes import FakeClock
from tests.server.browser_app import APP, BrowserApp, told
from tests.server.stage import Stage, opened

TOKEN = {"response_type": "token", "code_challenge": "", "code_challenge_method": ""}


@pytest.fixture
def lax_stage(tmp_path: Path, clock: FakeClock) -> Iterator[Stage]:
    """Give a server on which the implicit grant is switched on."""
    with opened(tmp_path, clock, allow_implicit=True) as stage:
        yield stage


@pytest.fixture
def app(lax_stage: Stage) -> BrowserApp:
    """Give a client that may use it, and refresh tokens elsewhere."""
    return BrowserApp(lax_stage, grant_types=("implicit", "authorization_code", "refresh_token"))


def switched_off(app: BrowserApp) -> BrowserApp:
    """Switch the implicit grant off under a client that was registered while it was on."""
    server = app.stage.server
    server.settings = make(database=server.settings.database)  # type: ignore[attr-defined]
    return app


# Off


def test_it_is_off(stage: Stage) -> None:
    """Unless switched on, nobody gets a token from the authorization endpoint. IM-01."""
    assert BrowserApp(stage).refusal(**TOKEN)["error"] == "unsupported_response_type"
    assert stage.server.metadata()["response_types_supported"] == ["code"]


def test_nobody_is_registered_for_it(stage: Stage) -> None:
    """Unless switched on, no client can be registered for it. IM-01."""
    with pytest.raises(RegistrationError, match="deprecated"):
        BrowserApp(stage, grant_types=("implicit",))


def test_switching_it_off_is_enough(app: BrowserApp) -> None:
    """A client that was registered for it before is refused all the same. IM-01, IM-02."""
    assert isinstance(app.read(**TOKEN), tuple)
    answer = switched_off(app).refusal(**TOKEN)
    assert answer["error"] == "unsupported_response_type"


def test_it_is_for_its_clients_alone(lax_stage: Stage) -> None:
    """Where it is on, a client that is not registered for it is refused. IM-01, IM-02."""
    assert BrowserApp(lax_stage).refusal(**TOKEN)["error"] == "unauthorized_client"


@pytest.mark.parametrize("response_type", ["code token", "id_token token", "TOKEN", "token "])
def test_no_other_spelling_brings_a_token(app: BrowserApp, response_type: str) -> None:
    """Hybrids and misspellings are refused. IM-02."""
    answer = app.refusal(response_type=response_type)
    assert answer["error"] == "unsupported_response_type"


def test_it_cannot_be_pushed(stage: Stage) -> None:
    """A request for a token is refused where it is sent ahead, too. IM-02, PA-03."""
    answer = BrowserApp(stage).push(response_type="token")
    assert (answer.status_code, (answer.json or {})["error"]) == (400, "unsupported_response_type")


def test_it_cannot_be_forced_past_a_pushed_request(stage: Stage) -> None:
    """A response_type beside a request_uri does not change what was pushed. IM-02, CV-29."""
    app = BrowserApp(stage)
    found = app.request(**app.pushed(), response_type="token")
    assert found.response_type == "code"


def test_a_pushed_request_ends_with_the_switch(app: BrowserApp) -> None:
    """What was pushed while it was on is refused once it is off. IM-02, CV-29."""
    outer = app.pushed(**TOKEN)
    assert switched_off(app).refusal(**outer)["error"] == "unsupported_response_type"


def test_the_token_endpoint_knows_no_such_grant(app: BrowserApp) -> None:
    """There is no grant_type implicit. IM-02, RFC 6749 4.2."""
    answer = app.post("/token", {"grant_type": "implicit"})
    assert (answer.json or {})["error"] == "unsupported_grant_type"


def test_a_client_with_a_key_gets_no_token_without_proof(lax_stage: Stage) -> None:
    """A client whose tokens are bound to a key gets none in an address. RFC 9449 5.2."""
    app = BrowserApp(lax_stage, grant_types=("implicit",), dpop_bound=True)
    assert app.refusal(**TOKEN)["error"] == "unauthorized_client"


# On


def test_a_wish_for_a_bound_token_is_not_dropped(app: BrowserApp) -> None:
    """What cannot be bound to the key that the app names is not given. RFC 9449 10."""
    assert app.refusal(response_type="token", dpop_jkt="x" * 43)["error"] == "unauthorized_client"


def test_the_token_is_in_the_fragment_alone(app: BrowserApp) -> None:
    """Nothing is in the query, which servers and proxies see. IM-03, CV-35."""
    redirect = app.approval(None, **TOKEN)
    assert redirect.url.startswith(f"{APP}#")
    answer = told(redirect)
    assert answer == {
        "access_token": answer["access_token"],
        "token_type": "Bearer",
        "expires_in": "3600",
        "scope": "profile",
        "state": "a state",
        "iss": "http://localhost:8628",
    }


def test_errors_are_in_the_fragment(app: BrowserApp) -> None:
    """An app that asked for a token is refused where it looks for one. RFC 6749 4.2.2.1, AC-07."""
    found = app.read(**TOKEN, response_mode="query")
    assert isinstance(found, Redirect)
    parts = urlsplit(found.url)
    assert parts.query == ""
    answer = dict(parse_qsl(parts.fragment))
    assert (answer["error"], answer["iss"]) == ("invalid_request", "http://localhost:8628")


def test_there_is_no_refresh_token(app: BrowserApp) -> None:
    """Not even a client with refresh tokens gets one, and no ID token or code. IM-03."""
    answer = told(app.approval(None, **TOKEN, scope="openid profile"))
    assert answer.keys().isdisjoint({"refresh_token", "id_token", "code"})


def test_the_address_is_exact(app: BrowserApp) -> None:
    """No token leaves for an address that is not registered. IM-03, AC-01."""
    with pytest.raises(OAuthError, match="redirect_uri"):
        app.read(**TOKEN, redirect_uri=f"{APP}/")


@pytest.mark.parametrize("confidential", [False, True])
def test_a_person_is_asked_every_time(lax_stage: Stage, confidential: bool) -> None:
    """Nobody can prove who receives the token, so no approval before counts. AC-13, IM-03."""
    app = BrowserApp(lax_stage, grant_types=("implicit",), confidential=confidential)
    session = lax_stage.session()
    app.approval(session, **TOKEN)
    page = app.step(session, **TOKEN)
    assert isinstance(page, Consent)
    assert (page.implicit, page.lifetime) == (True, 3600)


def test_the_token_can_be_revoked(app: BrowserApp) -> None:
    """The token is one of the person's grants, and ends with it. IM-03, RV-01."""
    token = told(app.approval(None, **TOKEN, scope="openid profile"))["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.stage.http.get("/userinfo", headers=bearer).status_code == 200
    assert app.post("/revoke", {"token": token}).status_code == 200
    assert app.stage.http.get("/userinfo", headers=bearer).status_code == 401


def test_each_use_is_warned_of(app: BrowserApp, caplog: pytest.LogCaptureFixture) -> None:
    """The log warns of each use, the audit trail tells whose, neither the token. IM-01, LO-01."""
    with caplog.at_level("INFO"):
        token = told(app.approval(None, **TOKEN))["access_token"]
    warnings: list[Any] = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert warnings == ["photos used the implicit grant, which is deprecated"]
    assert '"event": "implicit_grant_used", "client_id": "photos"' in caplog.text
    assert token not in caplog.text
