"""requests_oauth2client: all flows, with and without DPoP, and its named errors."""

import time
from typing import Any

import pytest
from joserfc.jwk import ECKey
from requests_oauth2client import (
    AccessDenied,
    AuthorizationPending,
    AuthorizationResponseError,
    ClientSecretBasic,
    ClientSecretPost,
    DeviceAuthorizationPollingJob,
    DPoPKey,
    DPoPToken,
    ExpiredToken,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    OAuth2Client,
    PrivateKeyJwt,
    SlowDown,
)

from tests.clients.issuer import CALLBACK, Issuer, Registered
from tests.clients.person import Person


def discovered(issuer: Issuer, client: Registered, **more: Any) -> OAuth2Client:
    """Return a client that read our metadata, with the secret of its registration if any."""
    if client.secret:
        more.setdefault("auth", ClientSecretBasic(client.client_id, client.secret))
    more.setdefault("auth", client.client_id)
    more["device_authorization_endpoint"] = f"{issuer.url}/device_authorization"  # it reads no such
    return OAuth2Client.from_discovery_endpoint(issuer=issuer.url, redirect_uri=CALLBACK, **more)


def slow_clock() -> int:
    """Tell the time of a device whose clock is a day behind."""
    return int(time.time()) - 86400


def test_device_flow(issuer: Issuer, person: Person) -> None:
    """Its polling job sees pending, slow_down, and then the tokens. RFC 8628 3.5."""
    oauth = discovered(issuer, issuer.register())
    codes = oauth.authorize_device(scope="openid profile")
    job = DeviceAuthorizationPollingJob(oauth, codes)
    with pytest.raises(AuthorizationPending):
        job.token_request()
    with pytest.raises(SlowDown):
        job.token_request()
    person.decide_device(codes.user_code, "approve")
    token = job()
    assert token is not None
    assert token.id_token
    assert oauth.userinfo(token)["preferred_username"] == "ada"


def test_device_flow_denied_and_expired(issuer: Issuer, person: Person) -> None:
    """Both ends have an exception of their own. RFC 8628 3.5."""
    client = issuer.register()
    oauth = discovered(issuer, client)
    codes = oauth.authorize_device()
    person.decide_device(codes.user_code, "deny")
    with pytest.raises(AccessDenied):
        oauth.device_code(codes)
    codes = oauth.authorize_device()
    issuer.expire(client)
    with pytest.raises(ExpiredToken):
        oauth.device_code(codes)


@pytest.mark.parametrize("pushed", [False, True])
@pytest.mark.parametrize("dpop", [False, True])
def test_authorization_code(issuer: Issuer, person: Person, pushed: bool, dpop: bool) -> None:
    """The code is exchanged, its ID token verified, and refreshed. RFC 9126 2, RFC 9449 10.

    It cannot verify an ID token beside a DPoP token, so there it asks for none.
    """
    client = issuer.register(
        "authorization_code", "refresh_token", confidential=True, pushed_only=pushed
    )
    oauth = discovered(issuer, client, dpop_bound_access_tokens=dpop)
    asked = oauth.authorization_request(scope="profile" if dpop else "openid profile")
    address = oauth.pushed_authorization_request(asked).uri if pushed else asked.uri
    token = oauth.authorization_code(asked.validate_callback(person.decide(address)))
    assert isinstance(token, DPoPToken) == dpop
    renewed = oauth.refresh_token(token)
    assert renewed.refresh_token != token.refresh_token
    assert oauth.userinfo(renewed)["preferred_username"] == "ada"


def test_authorization_code_denied(issuer: Issuer, person: Person) -> None:
    """The denial names the server, without which this client would not read it. RFC 9207 2."""
    oauth = discovered(issuer, issuer.register("authorization_code"))
    asked = oauth.authorization_request(
        scope="profile", authorization_response_iss_parameter_supported=True
    )
    callback = person.decide(asked.uri, "deny")
    with pytest.raises(AuthorizationResponseError) as refused:
        asked.validate_callback(callback)
    assert refused.value.error == "access_denied"


def test_nonce_for_a_wrong_clock(issuer: Issuer, person: Person) -> None:
    """Told a nonce, a device with a wrong clock proves its key here and there. RFC 9449 8, 9."""
    oauth = discovered(issuer, issuer.register(dpop_bound=True), dpop_bound_access_tokens=True)
    key = DPoPKey.generate(iat_generator=slow_clock)
    codes = oauth.authorize_device(scope="profile")
    person.decide_device(codes.user_code, "approve")
    token = oauth.device_code(codes, dpop_key=key)
    assert key.as_nonce
    assert oauth.userinfo(token)["preferred_username"] == "ada"
    assert key.rs_nonce


def test_refresh_token_is_bound_to_its_key(issuer: Issuer, person: Person) -> None:
    """Another key does not renew what a public client got with the first. RFC 9449 5."""
    oauth = discovered(issuer, issuer.register(), dpop_bound_access_tokens=True)
    codes = oauth.authorize_device()
    person.decide_device(codes.user_code, "approve")
    token = oauth.device_code(codes, dpop=True)
    with pytest.raises(InvalidGrant):
        oauth.refresh_token(str(token.refresh_token))
    assert oauth.refresh_token(token).access_token


@pytest.mark.parametrize("method", [ClientSecretBasic, ClientSecretPost])
def test_secrets(issuer: Issuer, method: Any) -> None:
    """A secret earns a token, a wrong one invalid_client. RFC 6749 2.3.1, 5.2."""
    client = issuer.register("client_credentials", confidential=True)
    oauth = discovered(issuer, client, auth=method(client.client_id, client.secret))
    token = oauth.client_credentials(scope="tv.watch")
    assert oauth.introspect_token(token)["scope"] == "tv.watch"
    stranger = discovered(issuer, client, auth=method(client.client_id, "wrong"))
    with pytest.raises(InvalidClient):
        stranger.client_credentials()


def test_invalid_scope(issuer: Issuer) -> None:
    """A scope beyond the registration has an exception of its own. RFC 6749 3.3."""
    client = issuer.register("client_credentials", confidential=True, scopes=("profile",))
    with pytest.raises(InvalidScope):
        discovered(issuer, client).client_credentials(scope="tv.watch")


def with_key(issuer: Issuer, **settings: Any) -> OAuth2Client:
    """Return a client that signs what it asks for."""
    key = ECKey.generate_key("P-256", {"alg": "ES256", "kid": "one"}, private=True)
    client = issuer.register("client_credentials", "authorization_code", key=key)
    return discovered(issuer, client, auth=PrivateKeyJwt(client.client_id, client.key, **settings))


def test_assertion_for_an_endpoint(issuer: Issuer) -> None:
    """Unless told, its assertions are for the endpoint that gets them. RFC 7523 3, RFC 9126 2."""
    oauth = with_key(issuer)
    assert oauth.client_credentials(scope="tv.watch").scope == "tv.watch"
    assert oauth.pushed_authorization_request(oauth.authorization_request()).request_uri


def test_assertion_for_the_issuer(issuer: Issuer) -> None:
    """An assertion for the issuer is good at every endpoint. RFC 7523 3."""
    oauth = with_key(issuer, aud=issuer.url)
    token = oauth.client_credentials(scope="tv.watch")
    assert oauth.pushed_authorization_request(oauth.authorization_request()).request_uri
    assert oauth.introspect_token(token)["active"]
    assert oauth.revoke_access_token(token)


def test_revocation(issuer: Issuer, person: Person) -> None:
    """Revoking the refresh token ends the access token, too. RFC 7009 2.1."""
    oauth = discovered(issuer, issuer.register(confidential=True))
    codes = oauth.authorize_device(scope="profile")
    person.decide_device(codes.user_code, "approve")
    token = oauth.device_code(codes)
    assert oauth.introspect_token(token)["active"]
    assert oauth.revoke_refresh_token(token)
    assert not oauth.introspect_token(token)["active"]
