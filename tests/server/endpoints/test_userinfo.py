"""GET /userinfo, a protected resource, through both doors."""

import pytest
from sqlalchemy import update

from server.storage.schema import accounts
from tests.server.played_client import PlayedClient, told
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


def test_it_can_be_posted_to(any_stage: Stage) -> None:
    """POST is answered like GET, and its body is not read. OpenID Connect Core 5.3, BR-04."""
    token = any_stage.signed_in()["access_token"]
    response = any_stage.post(PATH, {}, bearer(token))
    assert (response.json or {})["sub"] == "subject of ada"
    assert any_stage.post(PATH, {"access_token": token}).status_code == 401


def test_without_a_token_there_is_a_challenge_and_no_error(any_stage: Stage) -> None:
    """401 with Bearer and an attribute, and no error code. BR-02."""
    response = any_stage.http.get(PATH)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="pairlight", scope="openid"'
    assert "error" not in (response.json or {})


@pytest.mark.parametrize(
    "header",
    [
        "Bearer x.y.z",
        "Bearer ",
        "Bearer",
        "Basic eDp5",
        "Bearer\tx",
        "Bearer  x",
        "Bearer x,y",
        "Bearer x, Bearer x",
        " Bearer x",
        "",
    ],
)
def test_anything_but_a_token_of_ours_is_invalid_token(any_stage: Stage, header: str) -> None:
    """A malformed header or a foreign token is 401 invalid_token. BR-03, BR-05."""
    response = any_stage.http.get(PATH, headers={"Authorization": header})
    assert (response.status_code, (response.json or {})["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header",
    ["Bearer\t{}", "Bearer  {}", "Bearer {} ", "Bearer {},{}", "Token {}", "DPoP {}", "{}"],
)
def test_a_good_token_in_an_odd_header_is_none(any_stage: Stage, header: str) -> None:
    """The scheme, one space and the token, and of an unbound token not as DPoP. BR-05."""
    token = any_stage.signed_in()["access_token"]
    sent = {"Authorization": header.format(token, token)}
    assert told(any_stage.http.get(PATH, headers=sent)) == (401, "invalid_token")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_a_scheme_may_be_spelled_in_any_case(any_stage: Stage, scheme: str) -> None:
    """The scheme's case does not count. RFC 9110 11.1."""
    token = any_stage.signed_in()["access_token"]
    response = any_stage.http.get(PATH, headers={"Authorization": f"{scheme} {token}"})
    assert response.status_code == 200


def test_no_changed_token_is_good(stage: Stage) -> None:
    """Cut anywhere, or with any letter flipped, it is invalid_token. TE-09, CV-33."""
    token = stage.signed_in()["access_token"]
    for place in range(0, len(token) - 1, 7):
        flipped = "A" if token[place] != "A" else "B"
        for changed in (token[:place], token[:place] + flipped + token[place + 1 :]):
            response = stage.http.get(PATH, headers=bearer(changed))
            assert told(response) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (("openid",), {"sub"}),
        (("profile",), {"sub", "preferred_username", "name"}),
        (("email",), {"sub", "email"}),
        (("openid", "profile", "email"), {"sub", "preferred_username", "name", "email"}),
    ],
)
def test_it_tells_what_the_scopes_allow(
    any_stage: Stage, scopes: tuple[str, ...], expected: set[str]
) -> None:
    """Name and address are told to those who may know them alone. OpenID Connect Core 5.4."""
    with any_stage.application.database.writing() as connection:
        connection.execute(update(accounts).values(email="ada@example.com"))
    tokens = PlayedClient(any_stage, scopes=scopes).signed_in()
    response = any_stage.http.get(PATH, headers=bearer(tokens["access_token"]))
    assert (response.json or {}).keys() == expected


def test_who_has_no_address_is_told_without_one(any_stage: Stage) -> None:
    """A claim that is not known is left out, not null. OpenID Connect Core 5.3.2."""
    tokens = PlayedClient(any_stage, scopes=("email",)).signed_in()
    response = any_stage.http.get(PATH, headers=bearer(tokens["access_token"]))
    assert response.json == {"sub": "subject of ada"}


def test_a_refresh_token_opens_nothing(any_stage: Stage) -> None:
    """Only an access token does. BR-03, JW-01."""
    client = PlayedClient(any_stage, scopes=("openid",))
    tokens = client.signed_in()
    for kind in ("refresh_token", "id_token"):
        response = any_stage.http.get(PATH, headers=bearer(tokens[kind]))
        assert told(response) == (401, "invalid_token")


def test_a_cookie_is_no_credential(any_stage: Stage) -> None:
    """A token in a cookie is not read. BR-07."""
    token = any_stage.signed_in()["access_token"]
    response = any_stage.http.get(PATH, headers={"Cookie": f"access_token={token}"})
    assert response.status_code == 401


def test_two_ways_of_sending_a_token_are_not_mixed(any_stage: Stage) -> None:
    """The header counts, and nothing in address or body beside it. BR-01, BR-04."""
    token = any_stage.signed_in()["access_token"]
    response = any_stage.http.get(f"{PATH}?access_token={token}", headers=bearer("x.y.z"))
    assert told(response) == (401, "invalid_token")


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
    assert (response.status_code, (response.json or {})["scope"]) == (403, "openid")
    assert 'scope="openid"' in response.headers["WWW-Authenticate"]
    assert "scope" not in tokens
