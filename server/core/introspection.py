"""What a token is good for, told to those whose business it is (RFC 7662)."""

from typing import Any

from server.core import validity
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import Ports
from server.core.records import Client
from server.core.settings import Settings

_INACTIVE: dict[str, Any] = {"active": False}  # and not a word more (RFC 7662 2.2)
_TOLD = ("iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "cnf")


def introspect(
    request: ClientRequest, client: Client, ports: Ports, settings: Settings
) -> dict[str, Any]:
    """Describe a token to the client it was issued to, or to the API that it is for.

    Raises invalid_client for callers that cannot prove who they are.
    """
    token = request.required("token")
    if not client.confidential:
        raise OAuthError(ErrorCode.INVALID_CLIENT, "only clients with credentials may ask")
    found = validity.presented(token, ports)
    if found:
        own = found.grant.client_id == client.client_id
        living = own and validity.refresh_token_lives(found, ports, settings)
        return _of_refresh_token(found, settings) if living else _INACTIVE
    claims = validity.access_token(token, ports, settings)
    if claims is None:
        return _INACTIVE
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    served = not set(client.serves.split()).isdisjoint(audience)
    if claims["client_id"] != client.client_id and not served:
        return _INACTIVE
    told = {name: claims[name] for name in _TOLD if name in claims}
    return {"active": True, **told, "token_type": "DPoP" if "cnf" in claims else "Bearer"}


def _of_refresh_token(found: validity.Presented, settings: Settings) -> dict[str, Any]:
    return {
        "active": True,
        "iss": settings.issuer,
        "sub": found.grant.subject,
        "client_id": found.grant.client_id,
        "scope": found.grant.scope,
        "exp": int(found.token.expires_at),
    }
