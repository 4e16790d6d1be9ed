"""Serving a resource of our own to the holder of an access token (RFC 6750, RFC 9068 4)."""

import re
from collections.abc import Mapping
from typing import Any

from server.core.errors import ErrorCode, OAuthError
from server.core.ports import Ports
from server.core.settings import Settings

_BEARER = re.compile(r"bearer ([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def claims_of(
    authorization: str, scope: str, ports: Ports, settings: Settings
) -> Mapping[str, Any]:
    """Return the claims behind an Authorization header that is good for `scope`.

    Raises invalid_token for anything but a living token of ours, and insufficient_scope.
    """
    match = _BEARER.fullmatch(authorization)
    claims = ports.signer.verify(match[1]) if match else None
    if claims is None or not _alive(claims, ports, settings):
        raise OAuthError(ErrorCode.INVALID_TOKEN, "the access token is not valid")
    if scope not in claims["scope"].split():
        raise OAuthError(
            ErrorCode.INSUFFICIENT_SCOPE,
            f"the access token lacks the scope {scope}",
            {"scope": scope},
        )
    return claims


def _alive(claims: Mapping[str, Any], ports: Ports, settings: Settings) -> bool:
    grant = ports.grants.find(claims["grant_id"])
    return (
        claims["iss"] == settings.issuer
        and claims["aud"] == (settings.audience or settings.issuer)
        and claims["exp"] > ports.clock()
        and grant is not None
        and grant.revoked_at is None
    )
