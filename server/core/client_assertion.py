"""Client authentication by a signed assertion: private_key_jwt (RFC 7523 2.2, 3)."""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.numeric_date import numeric_date
from server.core.ports import Ports
from server.core.records import Client
from server.core.settings import Settings

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_LIFE = 3600  # seconds that an assertion may be good for
_CLOCKS_DIFFER = 60  # seconds
_LONGEST_JTI = 256  # characters


def authenticate(request: ClientRequest, ports: Ports, settings: Settings) -> Client:
    """Return the client that signed the request's assertion. Raises invalid_client."""
    assertion = request.required("client_assertion")
    if request.parameters.get("client_assertion_type") != _TYPE:
        raise _refused("client_assertion_type is not the one of a JWT")
    client_id = request.parameters.get("client_id") or _claimed_subject(assertion)
    client = ports.clients.find(client_id)
    claims = ports.jwt_reader.read(assertion, client.jwks) if client and client.jwks else None
    if client is None or claims is None:
        raise _refused("unknown client or wrong credentials")
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise _refused("iss and sub of the assertion must be the client_id")
    if not _is_for_us(claims.get("aud"), request.path, settings):
        raise _refused("aud of the assertion must be the issuer")
    _use_up(claims, client, ports)
    return client


def _is_for_us(audience: object, path: str, settings: Settings) -> bool:
    """Tell whether an assertion names us: by the issuer, the token endpoint, or the one called.

    The last two are from before the issuer was agreed on (RFC 7523 3, RFC 9126 2). One that is for
    others, too, could have been sent on by them.
    """
    named = audience if isinstance(audience, list) and audience else [audience]
    called = urlsplit(settings.issuer)._replace(path=path).geturl()
    ours = (settings.issuer, settings.url("/token"), called)
    return all(any(one == our for our in ours) for one in named)


def _use_up(claims: Mapping[str, Any], client: Client, ports: Ports) -> None:
    """Check an assertion's times, and that it is used for the first time."""
    now = ports.clock()
    expires_at, not_before = numeric_date(claims, "exp"), numeric_date(claims, "nbf")
    if expires_at is None:
        raise _refused("the assertion has no exp")
    if not now < expires_at + _CLOCKS_DIFFER <= now + _LONGEST_LIFE + 2 * _CLOCKS_DIFFER:
        raise _refused("the assertion has expired, or is good for too long")
    if "nbf" in claims and (not_before is None or not_before > now + _CLOCKS_DIFFER):
        raise _refused("the assertion is not good yet")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise _refused("the assertion has no jti")
    if not ports.marks.mark(f"assertion {client.client_id} {jti}", expires_at + _CLOCKS_DIFFER):
        raise _refused("the assertion has been used")


def _claimed_subject(assertion: str) -> str:
    """Return whom an assertion claims to be of, before anything of it is believed."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error, RecursionError):
        raise _refused("the assertion is not a JWT with a sub") from None


def _refused(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT, description)
