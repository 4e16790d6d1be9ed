"""Client authentication: the same at every machine endpoint."""

from urllib.parse import quote_plus

import pytest

from tests.server.played_client import PlayedClient, told
from tests.server.stage import Stage, basic

ASK = {"grant_type": "client_credentials"}
GRANTS = ("client_credentials",)


def box(stage: Stage, client_id: str = "box") -> PlayedClient:
    """Register a client that has a secret."""
    return PlayedClient(stage, client_id=client_id, grant_types=GRANTS)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_each_method_proves_a_client(any_stage: Stage, method: str) -> None:
    """HTTP Basic, the body and a signed assertion are good at the token endpoint. TE-07."""
    client = PlayedClient(any_stage, method, grant_types=GRANTS)
    assert client.post("/token", **ASK).status_code == 200


@pytest.mark.parametrize(
    ("form", "headers", "expected"),
    [
        ({}, basic("box", "wrong"), (401, "invalid_client")),
        ({}, basic("nobody", "wrong"), (401, "invalid_client")),
        ({}, basic("box", ""), (401, "invalid_client")),
        ({}, {"Authorization": "Basic"}, (401, "invalid_client")),
        ({}, {"Authorization": "Basic !"}, (401, "invalid_client")),
        ({}, {"Authorization": "Basic Ym94"}, (401, "invalid_client")),
        ({}, {"Authorization": "Bearer Ym94OmE="}, (401, "invalid_client")),
        ({"client_id": "box", "client_secret": "wrong"}, {}, (400, "invalid_client")),
        ({"client_id": "box"}, {}, (400, "invalid_client")),
        ({"client_secret": "wrong"}, {}, (400, "invalid_request")),
        ({}, {}, (400, "invalid_request")),
    ],
)
def test_a_false_claim_is_refused(
    stage: Stage, form: dict[str, str], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    """A wrong secret is invalid_client, 401 where the header was used. TE-04, TE-08."""
    box(stage)
    response = stage.post("/token", {**ASK, **form}, headers)
    assert told(response) == expected
    assert ("WWW-Authenticate" in response.headers) == (expected[0] == 401)


def test_two_methods_at_once_are_refused(stage: Stage) -> None:
    """Basic, body and assertion go with nothing else, even when all are right. TE-05."""
    client, signer = box(stage), PlayedClient(stage, "private_key_jwt", grant_types=GRANTS)
    secret = {"client_secret": client.secret or ""}
    refused = (400, "invalid_request")
    assert told(client.post("/token", **ASK, **secret)) == refused
    assert told(client.post("/token", **ASK, client_assertion="a.b.c")) == refused
    assert told(signer.post("/token", **ASK, **secret)) == refused
    assert told(signer.post("/token", basic("box", client.secret or ""), **ASK)) == refused


def test_basic_is_decoded_twice(stage: Stage) -> None:
    """User and password are form-encoded inside of base64. TE-06."""
    client = box(stage, "b.o~x-1_2")
    user = "".join(f"%{ord(letter):02X}" for letter in client.client_id)
    password = quote_plus(client.secret or "")
    assert stage.post("/token", ASK, basic(user, password)).status_code == 200


def test_the_client_id_in_the_body_is_the_one_of_the_header(stage: Stage) -> None:
    """Basic and body must name one client. DAE-03."""
    client = box(stage)
    assert client.post("/token", **ASK, client_id="box").status_code == 200
    assert told(client.post("/token", **ASK, client_id="tv")) == (401, "invalid_client")


def test_a_secret_in_the_address_is_not_read(
    any_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Credentials in a query count for nothing, and no log has them. TE-07."""
    client = box(any_stage)
    query = f"client_id=box&client_secret={client.secret}"
    assert told(any_stage.post(f"/token?{query}", ASK)) == (400, "invalid_request")
    assert (client.secret or "-") not in caplog.text


def test_a_public_client_may_send_an_empty_password(any_stage: Stage) -> None:
    """Libraries send Basic with a name and nothing else; that is no authentication. TE-08."""
    codes = any_stage.post("/device_authorization", {"scope": "profile"}, basic("tv", ""))
    assert codes.status_code == 200
    refused = any_stage.post("/device_authorization", {}, basic("tv", "guess"))
    assert told(refused) == (401, "invalid_client")


def test_a_client_with_keys_has_no_secret(stage: Stage) -> None:
    """Who signs assertions can neither just name itself nor send a password. TE-08."""
    PlayedClient(stage, "private_key_jwt", grant_types=GRANTS)
    name = {"client_id": "private_key_jwt"}
    assert told(stage.post("/token", {**ASK, **name})) == (400, "invalid_client")
    wrong = stage.post("/token", {**ASK, **name, "client_secret": "private_key_jwt"})
    assert told(wrong) == (400, "invalid_client")


def test_guessing_a_secret_is_throttled_where_it_comes_from(stage: Stage) -> None:
    """After 20 wrong secrets in ten minutes the address waits; others do not. TE-07, RL-14."""
    client = box(stage)
    for _ in range(20):
        assert told(stage.post("/token", ASK, basic("box", "wrong")))[0] == 401
    limited = client.post("/token", **ASK)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "600")
    elsewhere = stage.http.post(
        "/token",
        data=ASK,
        headers=basic("box", client.secret or ""),
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert elsewhere.status_code == 200
    stage.clock.advance(601)
    assert client.post("/token", **ASK).status_code == 200
