"""MSAL with Pairlight as its OpenID Connect authority."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msal  # type: ignore[import-untyped]
import pytest
from joserfc.jwk import RSAKey

from tests.clients.issuer import CALLBACK, Issuer, Registered
from tests.clients.person import Person

Open = Callable[..., Any]
SCOPES = ["tv.watch"]  # MSAL adds openid, profile and offline_access by itself


@pytest.fixture
def public(issuer: Issuer) -> Iterator[Open]:
    """Give a way to make a public application."""
    yield from _maker(msal.PublicClientApplication, issuer)


@pytest.fixture
def confidential(issuer: Issuer) -> Iterator[Open]:
    """Give a way to make a confidential application."""
    yield from _maker(msal.ConfidentialClientApplication, issuer)


def _maker(kind: Any, issuer: Issuer) -> Iterator[Open]:
    made = []

    def make(client: Registered, **more: Any) -> Any:
        made.append(kind(client.client_id, oidc_authority=issuer.url, **more))
        return made[-1]

    yield make
    for one in made:
        one.http_client.close()


def once(_flow: dict[str, Any]) -> bool:
    """Tell MSAL not to poll again."""
    return True


def poll(application: Any, flow: dict[str, Any]) -> dict[str, Any]:
    """Poll once; MSAL warns of polls that are too early."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, Any] = application.acquire_token_by_device_flow(flow, exit_condition=once)
    return found


def test_device_flow(issuer: Issuer, person: Person, public: Open) -> None:
    """MSAL polls at once, is told to wait, polls on by itself and is signed in. RFC 8628 3.5."""
    application = public(issuer.register())
    flow = application.initiate_device_flow(SCOPES)
    assert poll(application, flow)["error"] == "authorization_pending"
    person.decide_device(flow["user_code"], "approve")
    found = application.acquire_token_by_device_flow(flow)
    assert set(found["scope"].split()) == {"openid", "profile", "tv.watch"}
    assert found["id_token_claims"]["iss"] == issuer.url


def test_slow_down(issuer: Issuer, public: Open) -> None:
    """MSAL takes slow_down for what it is, and waits longer from then on. RFC 8628 3.5."""
    application = public(issuer.register())
    flow = application.initiate_device_flow(SCOPES)
    poll(application, flow)
    assert poll(application, flow)["error"] == "slow_down"
    assert flow["interval"] == 6


def test_device_flow_denied_and_expired(issuer: Issuer, person: Person, public: Open) -> None:
    """MSAL ends its loop at both, and shows them. RFC 8628 3.5."""
    client = issuer.register()
    application = public(client)
    flow = application.initiate_device_flow(SCOPES)
    person.decide_device(flow["user_code"], "deny")
    assert application.acquire_token_by_device_flow(flow)["error"] == "access_denied"
    flow = application.initiate_device_flow(SCOPES)
    issuer.expire(client)
    assert application.acquire_token_by_device_flow(flow)["error"] == "expired_token"


def test_authorization_code(issuer: Issuer, person: Person, public: Open) -> None:
    """With PKCE and a nonce MSAL signs in, keeps the account and refreshes. RFC 6749 4.1, 6."""
    application = public(issuer.register("authorization_code", "refresh_token"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends form_post
        flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=CALLBACK)
    answer = dict(parse_qsl(urlsplit(person.decide(flow["auth_uri"])).query))
    found = application.acquire_token_by_auth_code_flow(flow, answer)
    assert found["id_token_claims"]["aud"] == application.client_id
    [account] = application.get_accounts()
    renewed = application.acquire_token_silent(SCOPES, account, force_refresh=True)
    assert renewed["access_token"] != found["access_token"]


def test_client_credentials(issuer: Issuer, confidential: Open) -> None:
    """MSAL sends its secret in the body. RFC 6749 2.3.1, 4.4."""
    client = issuer.register("client_credentials", confidential=True)
    application = confidential(client, client_credential=client.secret)
    assert application.acquire_token_for_client(SCOPES)["scope"] == "tv.watch"


def test_private_key_jwt(issuer: Issuer, confidential: Open) -> None:
    """Its assertion names a certificate we need not know. RFC 7523 3.

    It sends one assertion for nine minutes, but ours are good once: its second request is refused.
    """
    key = RSAKey.generate_key(2048, private=True)
    client = issuer.register("client_credentials", key=key)
    credential = {"private_key": key.as_pem(private=True).decode(), "thumbprint": "00" * 20}
    application = confidential(client, client_credential=credential)
    assert application.acquire_token_for_client(SCOPES)["scope"] == "tv.watch"
    again = application.acquire_token_for_client([*SCOPES, "profile"])
    assert again["error_description"] == "the assertion has been used"


def test_wrong_secret_and_scope(issuer: Issuer, confidential: Open) -> None:
    """MSAL shows both refusals by their names. RFC 6749 5.2."""
    client = issuer.register("client_credentials", confidential=True, scopes=("profile",))
    stranger = confidential(client, client_credential="wrong")
    assert stranger.acquire_token_for_client(SCOPES)["error"] == "invalid_client"
    application = confidential(client, client_credential=client.secret)
    assert application.acquire_token_for_client(SCOPES)["error"] == "invalid_scope"
