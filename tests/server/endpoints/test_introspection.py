"""POST /introspect, through both doors."""

from typing import Any

import pytest
from sqlalchemy import update

from server.core.authorization_server import DEVICE_CODE
from server.storage.schema import accounts
from tests.server.played_client import PlayedClient, told
from tests.server.proving_device import ProvingDevice
from tests.server.stage import CLIENT_ID, Stage, basic

PATH = "/introspect"
ISSUER = "http://localhost:8628"
INACTIVE = (200, b'{"active":false}')


def api(stage: Stage, *serves: str) -> PlayedClient:
    """Register an API that is told of the tokens meant for it."""
    return PlayedClient(stage, client_id="api", serves=serves or (ISSUER,))


def what_is(client: PlayedClient, token: str, **form: str) -> dict[str, Any]:
    """Ask what a token is good for."""
    response = client.post(PATH, token=token, **form)
    assert response.status_code == 200, response.text
    return dict(response.json or {})


def raw(client: PlayedClient, token: str) -> tuple[int, bytes]:
    """Ask, and return the answer as it is."""
    response = client.post(PATH, token=token)
    return response.status_code, response.data


@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "of another kind"])
def test_an_api_is_told_what_a_token_is_good_for(any_stage: Stage, hint: str) -> None:
    """Person, client, scope, audience and times, whatever the hint. RFC 7662 2.2."""
    now = int(any_stage.clock())
    token = any_stage.signed_in()["access_token"]
    found = what_is(api(any_stage), token, token_type_hint=hint)
    assert len(found.pop("jti")) == 22
    assert found == {
        "active": True,
        "iss": ISSUER,
        "sub": "subject of ada",
        "aud": ISSUER,
        "client_id": CLIENT_ID,
        "scope": "profile",
        "iat": now,
        "exp": now + 3600,
        "token_type": "Bearer",
    }


def test_the_answer_is_never_kept(any_stage: Stage) -> None:
    """No cache may hold it, so none holds it beyond the token's end. IN-04."""
    response = api(any_stage).post(PATH, token="x")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == "application/json"


def test_a_client_is_told_of_its_own_tokens(any_stage: Stage) -> None:
    """Access and refresh token of its own; the latter until it would die unused. RFC 7662 2.1."""
    client = PlayedClient(any_stage, client_id="box")
    tokens = client.signed_in()
    assert what_is(client, tokens["access_token"])["active"] is True
    assert what_is(client, tokens["refresh_token"]) == {
        "active": True,
        "iss": ISSUER,
        "sub": "subject of ada",
        "client_id": "box",
        "scope": "profile",
        "exp": int(any_stage.clock()) + 30 * 86400,
    }


def test_a_token_bound_to_a_key_says_so(stage: Stage) -> None:
    """Its type is DPoP, and the API is told which key to ask for. RFC 9449 6.2."""
    device = ProvingDevice(stage)
    found = what_is(api(stage), device.signed_in()["access_token"])
    assert (found["token_type"], found["cnf"]) == ("DPoP", {"jkt": device.thumbprint})


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_each_method_proves_a_caller(any_stage: Stage, method: str) -> None:
    """Callers authenticate as they do at the token endpoint. IN-01."""
    client = PlayedClient(any_stage, method, serves=(ISSUER,))
    assert what_is(client, any_stage.signed_in()["access_token"])["active"] is True


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_id": CLIENT_ID}, {}),
        ({"client_id": "nobody"}, {}),
        ({"client_id": "api"}, {}),
        ({"client_id": "api", "client_secret": "wrong"}, {}),
        ({}, basic("api", "wrong")),
        ({}, basic(CLIENT_ID, "")),
        ({}, {"Authorization": "Bearer x"}),
    ],
)
def test_a_caller_without_credentials_is_told_nothing(
    any_stage: Stage, form: dict[str, str], headers: dict[str, str]
) -> None:
    """401 with a challenge to public clients, strangers and wrong secrets. IN-01."""
    api(any_stage)
    token = any_stage.signed_in()["access_token"]
    response = any_stage.post(PATH, {"token": token, **form}, headers)
    assert told(response) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert "active" not in (response.json or {})


def test_a_token_is_needed(any_stage: Stage) -> None:
    """Without one it is invalid_request. RFC 7662 2.1."""
    assert told(api(any_stage).post(PATH)) == (400, "invalid_request")


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "e30.e30.e30", "x" * 9000, "\N{KEY}"])
def test_what_we_never_issued_is_inactive_and_no_more(any_stage: Stage, token: str) -> None:
    """Exactly {"active":false}. IN-02."""
    assert raw(api(any_stage), token) == INACTIVE


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_token_of_others_is_inactive(any_stage: Stage, kind: str) -> None:
    """Neither its client nor the API it is for: exactly as if it did not exist. IN-02, IN-03."""
    tokens = any_stage.signed_in()
    assert raw(PlayedClient(any_stage), tokens[kind]) == INACTIVE


def test_a_refresh_token_is_for_its_client_alone(any_stage: Stage) -> None:
    """An API that is told of access tokens learns nothing of refresh tokens. IN-02."""
    assert raw(api(any_stage), any_stage.signed_in()["refresh_token"]) == INACTIVE


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_token_is_inactive(stage: Stage, part: int) -> None:
    """One letter more, less or other in header, claims or signature. IN-03, TE-09, CV-33."""
    client, token = api(stage), stage.signed_in()["access_token"]
    parts = token.split(".")
    for changed in (parts[part][:-1], parts[part] + "A", "A" + parts[part][1:], ""):
        if changed != parts[part]:
            forged = ".".join([*parts[:part], changed, *parts[part + 1 :]])
            assert raw(client, forged) == INACTIVE


def test_an_expired_token_is_inactive(any_stage: Stage) -> None:
    """Access token after an hour, refresh token after a month unused. IN-03."""
    client = PlayedClient(any_stage, client_id="box")
    tokens = client.signed_in()
    any_stage.clock.advance(3599)
    assert what_is(client, tokens["access_token"])["active"] is True
    any_stage.clock.advance(1)
    assert raw(client, tokens["access_token"]) == INACTIVE
    any_stage.clock.advance(30 * 86400 - 3601)
    assert what_is(client, tokens["refresh_token"])["active"] is True
    any_stage.clock.advance(1)
    assert raw(client, tokens["refresh_token"]) == INACTIVE


@pytest.mark.parametrize("revoked", ["access_token", "refresh_token"])
def test_a_revoked_token_is_inactive(any_stage: Stage, revoked: str) -> None:
    """One by one, or with its grant: both ways end an access token. IN-03, RV-01, CV-34."""
    client = PlayedClient(any_stage, client_id="box")
    tokens = client.signed_in()
    client.post("/revoke", token=tokens[revoked])
    assert raw(client, tokens["access_token"]) == INACTIVE
    assert (raw(client, tokens["refresh_token"]) == INACTIVE) == (revoked == "refresh_token")


def test_a_spent_refresh_token_is_inactive(stage: Stage) -> None:
    """What was left behind by its successor is not good, and asking harms nobody. IN-03."""
    client = PlayedClient(stage, client_id="box")
    token = first = client.signed_in()["refresh_token"]
    for _ in range(2):
        answer = client.post("/token", grant_type="refresh_token", refresh_token=token)
        token = (answer.json or {})["refresh_token"]
    assert raw(client, first) == INACTIVE
    assert what_is(client, token)["active"] is True


def test_the_tokens_of_a_closed_account_are_inactive(stage: Stage) -> None:
    """They end with the person's account, for every endpoint that is shown one. IN-03."""
    client = PlayedClient(stage, client_id="box")
    tokens = client.signed_in()
    with stage.application.database.writing() as connection:
        connection.execute(update(accounts).values(disabled=True))
    assert raw(client, tokens["access_token"]) == INACTIVE
    assert raw(client, tokens["refresh_token"]) == INACTIVE
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert told(stage.http.get("/userinfo", headers=headers)) == (401, "invalid_token")


def test_an_id_token_is_no_access_token(stage: Stage) -> None:
    """One kind of token is never taken for another. IN-03, JW-01."""
    grants = (DEVICE_CODE, "refresh_token")
    client = PlayedClient(stage, client_id="box", grant_types=grants, scopes=("openid",))
    assert raw(client, client.signed_in()["id_token"]) == INACTIVE


def test_it_is_posted(any_stage: Stage) -> None:
    """GET is 405: a token in an address is in every log. RFC 7662 2.1, 4."""
    assert any_stage.http.get(PATH).status_code == 405
