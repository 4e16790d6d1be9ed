"""The client credentials grant: an application for itself."""

import pytest

from server.core.authorization_server import DEVICE_CODE
from server.core.registration import RegistrationError
from server.storage.cached_clients import FRESH
from server.storage.schema import clients
from tests.server.played_client import PlayedClient, claims_of, told
from tests.server.proving_device import ProvingDevice
from tests.server.stage import Stage

ASK = {"grant_type": "client_credentials"}
GRANTS = ("client_credentials", "refresh_token")


def robot(stage: Stage, *scopes: str) -> PlayedClient:
    """Register a client for itself."""
    return PlayedClient(stage, client_id="robot", grant_types=GRANTS, scopes=scopes)


def test_a_client_gets_a_token_for_itself(stage: Stage) -> None:
    """The token speaks for the client, and there is no refresh token. CC-01, RFC 6749 4.4.3."""
    response = robot(stage).post("/token", **ASK)
    answer = response.json or {}
    assert answer.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    claims = claims_of(answer["access_token"])
    assert claims["sub"] == claims["client_id"] == "robot"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_public_client_gets_none(stage: Stage) -> None:
    """A client without credentials cannot be registered for it, nor use it if it was. CC-01."""
    with pytest.raises(RegistrationError, match="can keep a secret"):
        stage.register("open", grant_types=("client_credentials",))
    found = stage.server.ports.clients.find("tv")
    assert found
    stage.server.ports.clients.add(
        found._replace(client_id="open", grant_types="client_credentials")
    )
    response = stage.post("/token", {**ASK, "client_id": "open"})
    assert told(response) == (400, "unauthorized_client")


def test_a_client_that_was_not_registered_for_it_gets_none(stage: Stage) -> None:
    """Credentials alone are not enough. TE-14."""
    client = PlayedClient(stage, client_id="box", grant_types=(DEVICE_CODE,))
    assert told(client.post("/token", **ASK)) == (400, "unauthorized_client")


@pytest.mark.parametrize("scope", ["openid", "profile", "openid profile email"])
def test_there_is_no_person_to_know_of(stage: Stage, scope: str) -> None:
    """A scope about people alone is invalid_scope: nothing of it could be granted. TE-10."""
    client = robot(stage, "openid", "profile", "email")
    assert told(client.post("/token", **ASK, scope=scope)) == (400, "invalid_scope")
    assert "scope" not in (client.post("/token", **ASK).json or {})


def test_its_token_names_nobody(stage: Stage) -> None:
    """At /userinfo it lacks the scope, whatever the client is registered for. CC-02."""
    token = (robot(stage, "openid", "profile").post("/token", **ASK).json or {})["access_token"]
    response = stage.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert told(response) == (403, "insufficient_scope")


def test_a_scope_beyond_its_registration_is_refused(stage: Stage) -> None:
    """A client gets what it is registered for. RFC 6749 4.4.2."""
    assert told(robot(stage).post("/token", **ASK, scope="email")) == (400, "invalid_scope")


def test_a_client_cannot_be_called_like_a_person(stage: Stage) -> None:
    """No client_id is the `sub` of a person. CC-02."""
    account = stage.server.register_account("ben", "Ben", "a password for tests")
    with pytest.raises(RegistrationError, match="is a person here"):
        stage.register(account.subject)


def test_its_tokens_die_with_the_client(stage: Stage) -> None:
    """Once the client is removed, its token is not active any more. CC-03."""
    token = (robot(stage).post("/token", **ASK).json or {})["access_token"]
    api = PlayedClient(stage, client_id="api", serves=(stage.server.settings.issuer,))
    assert (api.post("/introspect", token=token).json or {})["active"] is True
    with stage.application.database.writing() as connection:
        connection.execute(clients.delete().where(clients.c.client_id == "robot"))
    stage.clock.advance(FRESH)
    assert api.post("/introspect", token=token).json == {"active": False}


def test_a_token_may_be_bound_to_a_key(stage: Stage) -> None:
    """With a DPoP proof the token is of that type and names the key. RFC 9449 5."""
    device = ProvingDevice(stage, "robot")
    answer = robot(stage).post("/token", {"DPoP": device.proof()}, **ASK).json or {}
    assert answer["token_type"] == "DPoP"
    assert claims_of(answer["access_token"])["cnf"] == {"jkt": device.thumbprint}


def test_each_use_is_in_the_audit_trail(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Who asked is written down, the token is not. LO-01."""
    client = robot(stage)
    with caplog.at_level("INFO", "pairlight.audit"):
        token = (client.post("/token", **ASK).json or {})["access_token"]
    assert '{"event": "client_credentials_used", "client_id": "robot"}' in caplog.text
    assert token not in caplog.text
