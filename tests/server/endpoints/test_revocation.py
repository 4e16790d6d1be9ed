"""POST /revoke, through both doors."""

import pytest
from sqlalchemy import text

from tests.server.played_client import PlayedClient, told
from tests.server.stage import CLIENT_ID, Stage, basic

PATH = "/revoke"
NAME = {"client_id": CLIENT_ID}


def works(stage: Stage, access_token: str) -> bool:
    """Tell whether an access token opens /userinfo."""
    headers = {"Authorization": f"Bearer {access_token}"}
    return stage.http.get("/userinfo", headers=headers).status_code == 200


@pytest.mark.parametrize("hint", ["", "refresh_token", "access_token", "of another kind"])
def test_a_refresh_token_ends_with_all_of_its_grant(any_stage: Stage, hint: str) -> None:
    """Refresh and access tokens die, whatever kind the client says it is. RV-01, RV-03."""
    tokens = any_stage.signed_in()
    form = {**NAME, "token": tokens["refresh_token"], "token_type_hint": hint}
    assert any_stage.post(PATH, form).status_code == 200
    assert told(any_stage.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert not works(any_stage, tokens["access_token"])


@pytest.mark.parametrize("hint", ["", "refresh_token", "access_token"])
def test_an_access_token_ends_alone(any_stage: Stage, hint: str) -> None:
    """One access token dies; another of the grant and the refresh token live. RV-01, RV-03."""
    tokens = any_stage.signed_in()
    other = any_stage.refresh(tokens["refresh_token"]).json or {}
    form = {**NAME, "token": tokens["access_token"], "token_type_hint": hint}
    assert any_stage.post(PATH, form).status_code == 200
    assert not works(any_stage, tokens["access_token"])
    assert works(any_stage, other["access_token"])
    assert any_stage.refresh(other["refresh_token"]).status_code == 200


def test_the_answer_is_an_empty_object(any_stage: Stage) -> None:
    """200, and a body that is JSON: some clients fail on an empty one. RFC 7009 2.2."""
    form = {**NAME, "token": any_stage.signed_in()["refresh_token"]}
    for _ in range(2):
        response = any_stage.post(PATH, form)
        assert (response.status_code, response.data) == (200, b"{}")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "x" * 9000, "\N{KEY}"])
def test_an_unknown_token_is_no_error(any_stage: Stage, token: str) -> None:
    """What we never issued is revoked already. RV-02."""
    assert any_stage.post(PATH, {**NAME, "token": token}).data == b"{}"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_another_clients_token_lives_on(any_stage: Stage, kind: str) -> None:
    """Nobody ends the tokens of others, and nothing tells them apart from unknown. RV-02."""
    any_stage.register("thief")
    tokens = any_stage.signed_in()
    response = any_stage.post(PATH, {"client_id": "thief", "token": tokens[kind]})
    assert (response.status_code, response.data) == (200, b"{}")
    assert works(any_stage, tokens["access_token"])
    assert any_stage.refresh(tokens["refresh_token"]).status_code == 200


def test_a_spent_refresh_token_ends_its_grant(stage: Stage) -> None:
    """A client that kept an old token alone can still sign out. RV-01."""
    first = stage.signed_in()["refresh_token"]
    second = (stage.refresh(first).json or {})["refresh_token"]
    third = stage.refresh(second).json or {}
    assert stage.post(PATH, {**NAME, "token": first}).status_code == 200
    assert not works(stage, third["access_token"])


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_client_with_credentials_proves_itself(any_stage: Stage, method: str) -> None:
    """Right credentials are heard, and without them nothing is done. RV-04."""
    client = PlayedClient(any_stage, method)
    tokens = client.signed_in()
    form = {"token": tokens["access_token"]}
    assert told(any_stage.post(PATH, {**form, "client_id": method})) == (400, "invalid_client")
    assert told(any_stage.post(PATH, form, basic(method, "wrong"))) == (401, "invalid_client")
    assert works(any_stage, tokens["access_token"])
    assert client.post(PATH, **form).status_code == 200
    assert not works(any_stage, tokens["access_token"])


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"token": "x"}, "invalid_request"),
        ({"client_id": CLIENT_ID}, "invalid_request"),
        ({"client_id": CLIENT_ID, "token": ""}, "invalid_request"),
        ({"client_id": "nobody", "token": "x"}, "invalid_client"),
    ],
)
def test_a_token_and_a_client_are_needed(
    any_stage: Stage, form: dict[str, str], error: str
) -> None:
    """Without one of them it is an error. RV-04."""
    assert told(any_stage.post(PATH, form)) == (400, error)


def test_it_is_posted(any_stage: Stage) -> None:
    """GET is 405: a link must not end anything. RFC 7009 2.1."""
    assert any_stage.http.get(PATH).status_code == 405


def test_a_failing_store_says_to_come_again(stage: Stage) -> None:
    """503 with Retry-After, and the token is still good when the store is back. RV-05."""
    tokens = stage.signed_in()
    database = stage.application.database
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE refresh_tokens RENAME TO elsewhere"))
    response = stage.post(PATH, {**NAME, "token": tokens["refresh_token"]})
    assert told(response) == (503, "temporarily_unavailable")
    assert response.headers["Retry-After"] == "5"
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO refresh_tokens"))
    assert works(stage, tokens["access_token"])


def test_each_revocation_is_in_the_audit_trail(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """What ended is written down, and no token is. LO-01."""
    tokens = stage.signed_in()
    with caplog.at_level("INFO", "pairlight.audit"):
        stage.post(PATH, {**NAME, "token": tokens["access_token"]})
        stage.post(PATH, {**NAME, "token": tokens["refresh_token"]})
    assert '"event": "access_token_revoked", "client_id": "tv"' in caplog.text
    assert '"event": "grant_revoked", "client_id": "tv"' in caplog.text
    assert tokens["access_token"] not in caplog.text
    assert tokens["refresh_token"] not in caplog.text
