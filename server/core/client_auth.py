"""Who is asking: client authentication (RFC 6749 2.3), the same at every machine endpoint."""

import binascii
import hashlib
import hmac
from base64 import b64decode
from typing import NamedTuple
from urllib.parse import unquote_plus

from server.core import client_assertion
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError, TooMany
from server.core.limits import Limits, network
from server.core.ports import Ports
from server.core.records import Client
from server.core.settings import Settings

METHODS = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")


class _Credentials(NamedTuple):
    client_id: str
    secret: str | None


def authenticate(
    request: ClientRequest, ports: Ports, limits: Limits, settings: Settings
) -> Client:
    """Return the client behind a request.

    A public client names itself; a confidential one proves itself by HTTP Basic, in the body or by
    a signed assertion, never by two of them. Raises invalid_request for a malformed claim,
    invalid_client for a false one and TooMany for guessing (RFC 6749 2.3.1).
    """
    if "client_assertion" in request.parameters:
        _check_single(request)
        return client_assertion.authenticate(request, ports, settings)
    credentials = _credentials(request)
    client = ports.clients.find(credentials.client_id)
    if client is not None and not client.confidential and credentials.secret is None:
        return client
    guesser = f"{credentials.client_id} {network(request.address)}"
    if client is not None and ports.quick_counters.spent(limits.secrets, guesser):
        raise TooMany("too many wrong client secrets", limits.secrets.seconds)
    if client is None or not _secret_is_right(client, credentials.secret):
        if client is not None:
            ports.quick_counters.count(limits.secrets, guesser)
        raise OAuthError(ErrorCode.INVALID_CLIENT, "unknown client or wrong credentials")
    return client


def _credentials(request: ClientRequest) -> _Credentials:
    if request.authorization is None:
        client_id = request.required("client_id")
        return _Credentials(client_id, request.parameters.get("client_secret"))
    _check_single(request)
    credentials = _basic(request.authorization)
    if request.parameters.get("client_id", credentials.client_id) != credentials.client_id:
        raise OAuthError(ErrorCode.INVALID_CLIENT, "client_id differs from the Basic user")
    return credentials


def _check_single(request: ClientRequest) -> None:
    ways = (
        request.authorization,
        request.parameters.get("client_secret"),
        request.parameters.get("client_assertion"),
    )
    if len([way for way in ways if way is not None]) > 1:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "more than one client authentication")


def _basic(header: str) -> _Credentials:
    """Read HTTP Basic. User and password are form-encoded inside it (RFC 6749 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    try:
        user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise OAuthError(ErrorCode.INVALID_CLIENT, "Authorization is not HTTP Basic")
    # An empty password is no password: libraries send it for public clients.
    return _Credentials(unquote_plus(user), unquote_plus(password) or None)


def _secret_is_right(client: Client, secret: str | None) -> bool:
    if client.secret_digest is None or secret is None:
        return False
    return hmac.compare_digest(hashlib.sha256(secret.encode()).digest(), client.secret_digest)
