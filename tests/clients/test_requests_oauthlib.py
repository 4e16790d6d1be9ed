"""requests-oauthlib's session, and the errors that oauthlib shows through it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from oauthlib.oauth2 import (  # type: ignore[import-untyped]
    BackendApplicationClient,
    DeviceClient,
    OAuth2Error,
)
from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

from tests.clients.issuer import CALLBACK, Issuer, Registered
from tests.clients.person import Person

Open = Callable[..., Any]


@pytest.fixture
def session_of() -> Iterator[Open]:
    """Give a way to open a session."""
    opened = []

    def open_one(**settings: Any) -> Any:
        opened.append(OAuth2Session(**settings))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def error_of(call: Callable[..., object], *arguments: Any, **parameters: Any) -> str:
    """Return the error that oauthlib shows."""
    with pytest.raises(OAuth2Error) as refused:
        call(*arguments, **parameters)
    return str(refused.value.error)


class Device:
    """A device on oauthlib: a session, and the codes that it was given."""

    def __init__(self, client: Registered, issuer: Issuer, session_of: Open) -> None:
        start = DeviceClient(client.client_id, scope=["profile"])
        address, _, body = start.prepare_request_uri(
            f"{issuer.url}/device_authorization"
        ).partition("?")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.codes = requests.post(address, body, headers=form).json()
        self.session = session_of(client=DeviceClient(client.client_id))
        self._token_endpoint = f"{issuer.url}/token"

    def poll(self) -> Any:
        """Poll once, with the client named by HTTP Basic without a password."""
        return self.session.fetch_token(self._token_endpoint, device_code=self.codes["device_code"])


def test_device_flow(issuer: Issuer, person: Person, session_of: Open) -> None:
    """A public client that sends an empty Basic password gets its tokens. RFC 8628 3.4."""
    device = Device(issuer.register(), issuer, session_of)
    assert error_of(device.poll) == "authorization_pending"
    assert error_of(device.poll) == "slow_down"
    person.decide_device(device.codes["user_code"], "approve")
    assert device.poll()["scope"] == ["profile"]
    answer = device.session.get(f"{issuer.url}/userinfo")
    assert answer.json()["preferred_username"] == "ada"


def test_device_flow_denied(issuer: Issuer, person: Person, session_of: Open) -> None:
    """A denial reaches oauthlib as access_denied. RFC 8628 3.5."""
    device = Device(issuer.register(), issuer, session_of)
    person.decide_device(device.codes["user_code"], "deny")
    assert error_of(device.poll) == "access_denied"


def test_device_flow_expired(issuer: Issuer, session_of: Open) -> None:
    """A code that ran out reaches oauthlib as expired_token. RFC 8628 3.5."""
    client = issuer.register()
    device = Device(client, issuer, session_of)
    issuer.expire(client)
    assert error_of(device.poll) == "expired_token"


def test_authorization_code(issuer: Issuer, person: Person, session_of: Open) -> None:
    """A confidential client with PKCE gets tokens, and refreshes them. RFC 6749 4.1, RFC 7636."""
    client = issuer.register("authorization_code", "refresh_token", confidential=True)
    session = session_of(
        client_id=client.client_id, redirect_uri=CALLBACK, scope=["openid", "profile"], pkce="S256"
    )
    address, _ = session.authorization_url(f"{issuer.url}/authorize")
    first = session.fetch_token(
        f"{issuer.url}/token",
        authorization_response=person.decide(address),
        client_secret=client.secret,
    )
    second = session.refresh_token(
        f"{issuer.url}/token", client_id=client.client_id, client_secret=client.secret
    )
    assert first["id_token"]
    assert second["refresh_token"] != first["refresh_token"]


def test_authorization_code_denied(issuer: Issuer, person: Person, session_of: Open) -> None:
    """A denial in the browser reaches oauthlib as access_denied. RFC 6749 4.1.2.1."""
    client = issuer.register("authorization_code")
    session = session_of(client_id=client.client_id, redirect_uri=CALLBACK, pkce="S256")
    address, _ = session.authorization_url(f"{issuer.url}/authorize")
    callback = person.decide(address, "deny")
    assert (
        error_of(session.fetch_token, f"{issuer.url}/token", authorization_response=callback)
        == "access_denied"
    )


@pytest.mark.parametrize("in_body", [False, True])
def test_client_credentials(issuer: Issuer, session_of: Open, in_body: bool) -> None:
    """A secret is good in the header and in the body. RFC 6749 2.3.1, 4.4."""
    client = issuer.register("client_credentials", confidential=True)
    session = session_of(client=BackendApplicationClient(client.client_id, scope=["tv.watch"]))
    token = session.fetch_token(
        f"{issuer.url}/token", client_secret=client.secret, include_client_id=in_body
    )
    assert token["scope"] == ["tv.watch"]


def test_wrong_secret(issuer: Issuer, session_of: Open) -> None:
    """A wrong secret is invalid_client to oauthlib. RFC 6749 5.2."""
    client = issuer.register("client_credentials", confidential=True)
    session = session_of(client=BackendApplicationClient(client.client_id))
    fetch = session.fetch_token
    assert error_of(fetch, f"{issuer.url}/token", client_secret="wrong") == "invalid_client"


def test_invalid_scope(issuer: Issuer, session_of: Open) -> None:
    """A scope beyond the registration is invalid_scope to oauthlib. RFC 6749 3.3."""
    client = issuer.register("client_credentials", confidential=True, scopes=("profile",))
    session = session_of(client=BackendApplicationClient(client.client_id, scope=["tv.watch"]))
    fetch = session.fetch_token
    assert error_of(fetch, f"{issuer.url}/token", client_secret=client.secret) == "invalid_scope"
