"""Adding clients and people."""

from typing import Any

import pytest

from server.core.authorization_server import DEVICE_CODE
from server.core.registration import RegistrationError
from tests.server.played_client import jwks, new_key
from tests.server.stage import Stage


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("bob", "short", "password must have 12"),
        ("bob", "x" * 1001, "password must have 12"),
        ("", "long enough password", "username must have 1"),
        ("a\nb", "long enough password", "username must have 1"),
        ("x" * 101, "long enough password", "username must have 1"),
        ("ada lovelace", "long enough password", "username must have no white space"),
        ("ada\N{IDEOGRAPHIC SPACE}l", "long enough password", "username must have no white space"),
        ("ADA", "long enough password", "there is a user ada already"),
    ],
)
def test_an_impossible_person_is_refused(
    stage: Stage, username: str, password: str, message: str
) -> None:
    """Short passwords, names nobody can print and names that are taken. LG-01."""
    with pytest.raises(RegistrationError, match=message):
        stage.server.register_account(username, "Bob", password)


@pytest.mark.parametrize(
    ("client_id", "name", "scopes", "message"),
    [
        ("", "TV", (), "cannot be a client_id"),
        ("a b", "TV", (), "cannot be a client_id"),
        ("tv2", "", (), "name must have 1"),
        ("tv2", "TV\u202e", (), "name must have 1"),
        ("tv2", "TV", ("admin",), "unknown scope: admin"),
        ("tv", "TV", (), "there is a client tv already"),
    ],
)
def test_an_impossible_client_is_refused(
    stage: Stage, client_id: str, name: str, scopes: tuple[str, ...], message: str
) -> None:
    """Ids and names that cannot be shown, scopes that do not exist, ids that are taken. 6749 2.2"""
    with pytest.raises(RegistrationError, match=message):
        stage.server.register_client(client_id, name, [DEVICE_CODE], scopes)


def test_a_public_client_has_no_secret_and_a_confidential_one_has(stage: Stage) -> None:
    """Secrets are made here, with 256 bits, and shown once. RFC 6749 2.3.1."""
    assert stage.register("public") is None
    assert len(stage.register("box", confidential=True) or "") == 43


ROBOT = ("client_credentials",)
APP = {"grant_types": ("authorization_code",)}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (APP, "this grant needs a redirect URI"),
        ({"grant_types": ("implicit",)}, "this grant needs a redirect URI"),
        ({"grant_types": ("implicit",), "redirect_uris": ("https://a.example",)}, "and off"),
        ({**APP, "redirect_uris": ("http://a.example",)}, "cannot send anybody to 'http://a"),
        ({"logout_redirect_uris": ("a b",)}, "cannot send anybody to 'a b'"),
        ({"grant_types": ROBOT}, "can keep a secret"),
        ({"grant_types": ("password",), "password_until": 2e9}, "discouraged and off"),
        ({"password_until": 2e9}, "its last day belong together"),
        ({"serves": ("https://films.example",)}, "no token is for the API 'https://films.example'"),
        ({"serves": ("http://localhost:8628 x",)}, "no token is for the API"),
        ({"resources": ("https://films.example",)}, "no token is for the API 'https://films.ex"),
        ({"resources": ("http://localhost:8628 x",)}, "no token is for the API"),
        ({"resources": ("",)}, "no token is for the API ''"),
        ({"grant_types": ("magic",)}, "unknown grant type: 'magic'"),
        ({"grant_types": (DEVICE_CODE, "")}, "unknown grant type: ''"),
        ({"grant_types": ("refresh_token password",)}, "unknown grant type: 'refresh_token pass"),
        ({"id_token_alg": "none"}, "no ID token is signed with 'none'"),
        ({"id_token_alg": "HS256"}, "no ID token is signed with 'HS256'"),
        ({"id_token_alg": ""}, "no ID token is signed with ''"),
        ({"jwks": ""}, "the keys are not a JWK set"),
        ({"jwks": "keys"}, "the keys are not a JWK set"),
        ({"jwks": "[" * 100_000}, "the keys are not a JWK set"),
        ({"jwks": "null"}, "the keys are not a JWK set"),
        ({"jwks": '[{"kty": "EC"}]'}, "the keys are not a JWK set"),
        ({"jwks": '{"keys": {"kty": "EC"}}'}, "the keys are not a JWK set"),
        ({"jwks": '{"keys": []}'}, "the keys are not a JWK set"),
        ({"jwks": '{"keys": ["EC"]}'}, "the keys are not a JWK set"),
        ({"origins": ("https://a.example/",)}, "'https://a.example/' is no page's origin"),
        ({"origins": ("null", "*")}, "'\\*' is no page's origin"),
        ({"origins": ("null",), "confidential": True}, "a web page cannot keep a secret"),
        ({"origins": ("null",), "jwks": jwks(new_key())}, "a web page cannot keep a secret"),
    ],
)
def test_a_client_that_could_not_work_is_refused(
    stage: Stage, wanted: dict[str, Any], message: str
) -> None:
    """What a client may do and what it is must fit, and each mistake has a hint. TE-14, CC-01."""
    with pytest.raises(RegistrationError, match=message) as refused:
        stage.register("app", **wanted)
    assert refused.value.hint
    assert "\n" not in f"{refused.value}{refused.value.hint}"
    assert stage.server.ports.clients.find("app") is None


def test_a_client_keeps_its_apis(stage: Stage) -> None:
    """They are kept each once; without any, there are the default and the issuer. RFC 8707 2."""
    issuer = stage.server.settings.issuer
    for client_id, resources in (("one", (issuer, issuer)), ("none", ())):
        stage.register(client_id, resources=resources)
        found = stage.server.ports.clients.find(client_id)
        assert found
        assert found.resources == " ".join(resources[:1])


def test_a_client_keeps_its_origins(stage: Stage) -> None:
    """They are kept each once, in their order. TE-13."""
    page, other = "https://app.example", "https://other.example"
    stage.register("app", origins=(page, other, page))
    found = stage.server.ports.clients.find("app")
    assert found
    assert found.origins == f"{page} {other}"


def test_a_client_with_keys_gets_no_secret(stage: Stage) -> None:
    """Keys take the place of a secret, and make a client confidential. RFC 7523 2.2."""
    assert stage.register("api", confidential=True, jwks=jwks(new_key())) is None
    found = stage.server.ports.clients.find("api")
    assert found
    assert (found.secret_digest, found.confidential) == (None, True)


@pytest.mark.parametrize("email", ["ada@example.com", "a.d+a@sub.example", None])
def test_a_person_may_have_an_address(stage: Stage, email: str | None) -> None:
    """It is kept as it was given. OpenID Connect Core 5.1."""
    account = stage.server.register_account("bob", "Bob", "long enough password", email)
    assert account.email == email
    assert stage.server.ports.accounts.find(account.subject) == account


@pytest.mark.parametrize("email", ["", "ada", "@", "a@b@c", "a @b", "ada@", "a\x1b@b", "x" * 300])
def test_what_is_no_address_is_refused(stage: Stage, email: str) -> None:
    """It needs two halves, and nothing that cannot be shown. OpenID Connect Core 5.1."""
    with pytest.raises(RegistrationError, match="is not an email address"):
        stage.server.register_account("bob", "Bob", "long enough password", email)
