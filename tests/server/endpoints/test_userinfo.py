"""GET /userinfo, a protected resource, through both doors."""

import pytest

from tests.server.stage import Stage

PATH = "/userinfo"


def bearer(token: str) -> dict[str, str]:
    """Return the header of RFC 6750 2.1."""
    return {"Authorization": f"Bearer {token}"}


def test_it_names_the_person(any_stage: Stage) -> None:
    """The token of a signed-in device is answered with subject, username and name. BR-01."""
    response = any_stage.http.get(PATH, headers=bearer(any_stage.signed_in()["access_token"]))
    expected = {"sub": "subject of ada", "preferred_username": "ada", "name": "Ada"}
    assert (response.status_code, response.json) == (200, expected)


def test_without_a_token_there_is_a_challenge_and_no_error(any_stage: Stage) -> None:
    """401 with Bearer and an attribute, and no error code. BR-02."""
    response = any_stage.http.get(PATH)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="pairlight", scope="profile"'
    assert "error" not in (response.json or {})


@pytest.mark.parametrize(
    "header",
    ["Bearer x.y.z", "Bearer ", "Bearer", "Basic eDp5", "Bearer\tx", "Bearer  x", "Bearer x,y", ""],
)
def test_anything_but_a_token_of_ours_is_invalid_token(any_stage: Stage, header: str) -> None:
    """A malformed header or a foreign token is 401 invalid_token. BR-03, BR-05."""
    response = any_stage.http.get(PATH, headers={"Authorization": header})
    assert (response.status_code, (response.json or {})["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_token_in_the_query_is_no_token(any_stage: Stage) -> None:
    """The query string is not read. BR-04."""
    token = any_stage.signed_in()["access_token"]
    assert any_stage.http.get(f"{PATH}?access_token={token}").status_code == 401


def test_a_token_expires(any_stage: Stage) -> None:
    """An hour later the token is invalid_token. BR-06."""
    token = any_stage.signed_in()["access_token"]
    any_stage.clock.advance(3600)
    assert any_stage.http.get(PATH, headers=bearer(token)).status_code == 401


def test_a_token_without_the_scope_is_insufficient(any_stage: Stage) -> None:
    """403 insufficient_scope, and the scope that is needed. BR-03."""
    any_stage.register("plain", scopes=())
    codes = any_stage.start(client_id="plain")
    any_stage.approve(codes["user_code"])
    tokens = any_stage.poll(codes["device_code"], client_id="plain").json or {}
    response = any_stage.http.get(PATH, headers=bearer(tokens["access_token"]))
    assert (response.status_code, (response.json or {})["scope"]) == (403, "profile")
    assert 'scope="profile"' in response.headers["WWW-Authenticate"]
    assert "scope" not in tokens
