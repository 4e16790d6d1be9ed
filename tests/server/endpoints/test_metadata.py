"""GET /.well-known/oauth-authorization-server, through both doors."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from server.app import build
from server.config import make
from tests.server.stage import Stage

PATH = "/.well-known/oauth-authorization-server"


def test_it_is_json_and_names_the_issuer_exactly(any_stage: Stage) -> None:
    """200, application/json, and the configured issuer to the letter. MD-01."""
    response = any_stage.http.get(PATH)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert (response.json or {})["issuer"] == any_stage.server.settings.issuer


def test_it_is_only_read(any_stage: Stage) -> None:
    """POST is 405; HEAD is GET without a body. MD-01."""
    assert any_stage.http.post(PATH).status_code == 405
    head = any_stage.http.head(PATH)
    assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize("door", ["wsgi", "flask"])
def test_an_issuer_with_a_path_has_it_behind_the_well_known_one(tmp_path: Path, door: str) -> None:
    """The issuer's path is inserted after the well-known part, and before all others. MD-01."""
    database = f"sqlite:///{tmp_path}/p.db"
    application = build(make(issuer="https://example.com/tv", database=database))
    http = Client(getattr(application, door))
    document = http.get(f"{PATH}/tv").json or {}
    assert document["token_endpoint"] == "https://example.com/tv/token"
    assert http.post("/tv/token").status_code == 400
    assert http.get(PATH).status_code == 404
    application.database.close()


def test_the_device_grant_is_listed_with_its_endpoint(any_stage: Stage) -> None:
    """The device authorization endpoint and the grant's URN are there. MD-03."""
    document = any_stage.http.get(PATH).json or {}
    assert document["device_authorization_endpoint"].endswith("/device_authorization")
    assert "urn:ietf:params:oauth:grant-type:device_code" in document["grant_types_supported"]


def test_required_members_are_there_and_empty_ones_are_not(any_stage: Stage) -> None:
    """response_types_supported is required, so it stays; no other array is empty. MD-04."""
    document = any_stage.http.get(PATH).json or {}
    assert document.pop("response_types_supported") == []
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert all(document.values())


def test_every_advertised_endpoint_answers(any_stage: Stage) -> None:
    """Each URL in the document leads to something that is not 404. MD-04."""
    document = any_stage.http.get(PATH).json or {}
    urls = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(urls) == 4
    for url in urls:
        assert any_stage.http.get(urlsplit(url).path).status_code != 404


def test_every_advertised_grant_type_is_offered(any_stage: Stage) -> None:
    """No advertised grant type is answered with unsupported_grant_type. MD-04."""
    for grant_type in (any_stage.http.get(PATH).json or {})["grant_types_supported"]:
        answer = any_stage.post("/token", {"grant_type": grant_type, "client_id": "tv"}).json or {}
        assert answer["error"] == "invalid_request"


def test_every_advertised_scope_can_be_asked_for(any_stage: Stage) -> None:
    """A client registered for an advertised scope gets it. MD-04."""
    for scope in (any_stage.http.get(PATH).json or {})["scopes_supported"]:
        any_stage.start(scope=scope)


def test_no_algorithm_is_none(any_stage: Stage) -> None:
    """Nothing offers unsigned tokens. MD-05."""
    document = any_stage.http.get(PATH).json or {}
    lists = [value for name, value in document.items() if "signing_alg" in name]
    assert all("none" not in values for values in lists)


def test_the_published_keys_are_public(any_stage: Stage) -> None:
    """The key set has kid, alg and use, and no private member. RFC 7517 5."""
    keys = (any_stage.http.get("/jwks.json").json or {})["keys"]
    assert [key.keys() for key in keys] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]
