"""GET /.well-known/oauth-authorization-server, through both doors.

Whether what it says is true is tried out in test_discovery.
"""

from pathlib import Path

import pytest
from werkzeug.test import Client

from server.app import build
from server.config import make
from tests.server.stage import Stage

PATH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


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


def test_openid_clients_find_the_same_document(any_stage: Stage) -> None:
    """It is at the place of OpenID Connect Discovery 1.0 4 as well. MD-01."""
    response = any_stage.http.get(OPENID)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.json == any_stage.http.get(PATH).json


@pytest.mark.parametrize("path", ["/tv", "/tv/two"])
@pytest.mark.parametrize("door", ["wsgi", "flask"])
def test_an_issuer_may_have_a_path(tmp_path: Path, door: str, path: str) -> None:
    """RFC 8414 puts its place before the issuer's path, OpenID Connect behind it. MD-01."""
    database = f"sqlite:///{tmp_path}/p.db"
    application = build(make(issuer=f"https://example.com{path}", database=database))
    http = Client(getattr(application, door))
    document = http.get(PATH + path).json or {}
    assert document["issuer"] == f"https://example.com{path}"
    assert document["token_endpoint"] == f"https://example.com{path}/token"
    assert http.get(path + OPENID).json == document
    assert http.post(f"{path}/token").status_code == 400
    assert [http.get(one).status_code for one in (PATH, OPENID, path + PATH)] == [404] * 3
    application.close()


def test_the_device_grant_is_listed_with_its_endpoint(any_stage: Stage) -> None:
    """The device authorization endpoint and the grant's URN are there. MD-03."""
    document = any_stage.http.get(PATH).json or {}
    assert document["device_authorization_endpoint"].endswith("/device_authorization")
    assert "urn:ietf:params:oauth:grant-type:device_code" in document["grant_types_supported"]


def test_required_members_are_there_and_no_list_is_empty(any_stage: Stage) -> None:
    """What RFC 8414 and OpenID Connect Discovery require is there; empty lists are not. MD-04."""
    document = any_stage.http.get(PATH).json or {}
    assert document["response_types_supported"] == ["code"]
    assert document["subject_types_supported"] == ["public"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert all(document[name] for name in document if isinstance(document[name], list))


def test_no_algorithm_is_none(any_stage: Stage) -> None:
    """Nothing offers unsigned tokens. MD-05."""
    document = any_stage.http.get(PATH).json or {}
    lists = [value for name, value in document.items() if "signing_alg" in name]
    assert all("none" not in values for values in lists)


def test_the_published_keys_are_public(any_stage: Stage) -> None:
    """The key set has kid, alg and use, and no private member. RFC 7517 5."""
    keys = (any_stage.http.get("/jwks.json").json or {})["keys"]
    shared, public = {"kty", "kid", "use", "alg"}, {"RS256": {"n", "e"}, "ES256": {"crv", "x", "y"}}
    assert {key["alg"] for key in keys} == public.keys()
    assert all(key.keys() == shared | public[key["alg"]] for key in keys)
    assert len({key["kid"] for key in keys}) == len(keys)
