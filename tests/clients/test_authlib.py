"""Authlib's session for requests: every flow it has, and the errors it shows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from authlib.common.security import generate_token  # type: ignore[import-untyped]
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import (  # type: ignore[import-untyped]
    OAuth2Session,
)
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # type: ignore[import-untyped]
from joserfc.jwk import RSAKey

from server.core.authorization_server import DEVICE_CODE
from tests.clients.issuer import CALLBACK, Issuer, Registered
from tests.clients.person import Person

Open = Callable[..., Any]


@pytest.fixture
def session_of(issuer: Issuer) -> Iterator[Open]:
    """Give a way to open a session for a client, with its secret if it has one."""
    opened = []

    def open_one(client: Registered, secret: object = None, **more: Any) -> Any:
        more |= {"token_endpoint": f"{issuer.url}/token"}
        opened.append(OAuth2Session(client.client_id, secret or client.secret or None, **more))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def start(client: Registered, issuer: Issuer) -> dict[str, Any]:
    """Ask for codes by requests alone, as Authlib's documentation does."""
    form = {"client_id": client.client_id, "scope": "profile"}
    return dict(requests.post(f"{issuer.url}/device_authorization", form).json())


def error_of(call: Callable[..., object], **parameters: Any) -> str:
    """Return the error that Authlib shows."""
    with pytest.raises(OAuthError) as refused:
        call(**parameters)
    return str(refused.value.error)


def test_device_flow(issuer: Issuer, person: Person, session_of: Open) -> None:
    """Pending, too fast, approved: Authlib names both errors and then has tokens. RFC 8628 3.5."""
    client = issuer.register()
    session, codes = session_of(client), start(client, issuer)
    poll = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert error_of(session.fetch_token, **poll) == "authorization_pending"
    assert error_of(session.fetch_token, **poll) == "slow_down"
    person.decide_device(codes["user_code"], "approve")
    assert session.fetch_token(**poll)["token_type"] == "Bearer"
    assert session.get(f"{issuer.url}/userinfo").json()["preferred_username"] == "ada"


def test_device_flow_denied(issuer: Issuer, person: Person, session_of: Open) -> None:
    """A denial reaches Authlib as access_denied. RFC 8628 3.5."""
    client = issuer.register()
    codes = start(client, issuer)
    person.decide_device(codes["user_code"], "deny")
    poll = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert error_of(session_of(client).fetch_token, **poll) == "access_denied"


def test_device_flow_expired(issuer: Issuer, session_of: Open) -> None:
    """A code that ran out reaches Authlib as expired_token. RFC 8628 3.5."""
    client = issuer.register()
    codes = start(client, issuer)
    issuer.expire(client)
    poll = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert error_of(session_of(client).fetch_token, **poll) == "expired_token"


def test_authorization_code(issuer: Issuer, person: Person, session_of: Open) -> None:
    """With PKCE a public client gets tokens, and refreshes them. RFC 7636 4, RFC 6749 4.1, 6."""
    client = issuer.register("authorization_code", "refresh_token")
    session = session_of(
        client, redirect_uri=CALLBACK, scope="openid profile", code_challenge_method="S256"
    )
    verifier = generate_token(48)
    address, state = session.create_authorization_url(
        f"{issuer.url}/authorize", code_verifier=verifier
    )
    callback = person.decide(address)
    first = session.fetch_token(
        authorization_response=callback, state=state, code_verifier=verifier
    )
    second = session.refresh_token()
    assert first["id_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == "openid profile"


def test_authorization_code_denied(issuer: Issuer, person: Person, session_of: Open) -> None:
    """A denial comes back to the application, and Authlib shows it. RFC 6749 4.1.2.1."""
    client = issuer.register("authorization_code")
    session = session_of(client, redirect_uri=CALLBACK, code_challenge_method="S256")
    address, state = session.create_authorization_url(
        f"{issuer.url}/authorize", code_verifier=generate_token(48)
    )
    callback = person.decide(address, "deny")
    assert "error=access_denied" in callback
    assert f"state={state}" in callback


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_client_credentials(issuer: Issuer, session_of: Open, method: str) -> None:
    """Authlib proves a secret in the header and in the body. RFC 6749 2.3.1, 4.4."""
    client = issuer.register("client_credentials", confidential=True)
    session = session_of(client, token_endpoint_auth_method=method, scope="tv.watch")
    token = session.fetch_token(grant_type="client_credentials")
    assert (token["scope"], "refresh_token" in token) == ("tv.watch", False)


def test_private_key_jwt(issuer: Issuer, session_of: Open) -> None:
    """Authlib proves a key by an assertion for the token endpoint. RFC 7523 2.2."""
    key = RSAKey.generate_key(2048, private=True)
    client = issuer.register("client_credentials", key=key)
    session = session_of(client, secret=key, token_endpoint_auth_method="private_key_jwt")
    session.register_client_auth_method(PrivateKeyJWT())
    assert session.fetch_token(grant_type="client_credentials")["token_type"] == "Bearer"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_wrong_secret(issuer: Issuer, session_of: Open, method: str) -> None:
    """A wrong secret is invalid_client to Authlib, wherever it was sent. RFC 6749 5.2."""
    client = issuer.register("client_credentials", confidential=True)
    session = session_of(client, secret="not the one", token_endpoint_auth_method=method)
    assert error_of(session.fetch_token, grant_type="client_credentials") == "invalid_client"


def test_invalid_scope(issuer: Issuer, session_of: Open) -> None:
    """A scope beyond the registration is invalid_scope to Authlib. RFC 6749 3.3."""
    client = issuer.register("client_credentials", confidential=True, scopes=("profile",))
    session = session_of(client, scope="tv.watch")
    assert error_of(session.fetch_token, grant_type="client_credentials") == "invalid_scope"


def test_introspection_and_revocation(issuer: Issuer, session_of: Open) -> None:
    """A token is active to its client until it revokes it. RFC 7662 2, RFC 7009 2."""
    client = issuer.register("client_credentials", confidential=True)
    session = session_of(client, scope="tv.watch")
    token = session.fetch_token(grant_type="client_credentials")["access_token"]
    introspect = f"{issuer.url}/introspect"
    assert session.introspect_token(introspect, token).json()["scope"] == "tv.watch"
    assert session.revoke_token(f"{issuer.url}/revoke", token).status_code == 200
    assert session.introspect_token(introspect, token).json() == {"active": False}
