"""Serving a resource of our own to the holder of an access token (RFC 6750, RFC 9449 7)."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from server.core import dpop, validity
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import Ports
from server.core.resource_indicators import default
from server.core.settings import Settings

_CREDENTIALS = re.compile(r"(bearer|dpop) ([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


class ResourceRequest(NamedTuple):
    """What a request for a protected resource says of who may see it."""

    authorization: str
    dpop: str | None
    method: str
    path: str


def claims_of(request: ResourceRequest, ports: Ports, settings: Settings) -> Mapping[str, Any]:
    """Return the claims of the request's access token. Raises invalid_token, use_dpop_nonce.

    A token that is bound to a key is good only with a proof of that key, and one that is not is no
    DPoP token (RFC 9449 7.1-7.2).
    """
    match = _CREDENTIALS.fullmatch(request.authorization)
    claims = validity.access_token(match[2], ports, settings) if match else None
    if match is None or claims is None or not _is_for_us(claims["aud"], settings):
        raise OAuthError(ErrorCode.INVALID_TOKEN, "the access token is not valid")
    bound_to = claims.get("cnf", {}).get("jkt")
    if (match[1].lower() == "dpop") != (bound_to is not None):
        raise OAuthError(ErrorCode.INVALID_TOKEN, "the access token is of the other token type")
    if bound_to is not None:
        if request.dpop is None:
            raise OAuthError(ErrorCode.INVALID_DPOP_PROOF, "a DPoP proof is needed")
        key = dpop.proven_key(request.dpop, request.method, request.path, ports, settings, match[2])
        if key != bound_to:
            raise OAuthError(ErrorCode.INVALID_TOKEN, "the access token is bound to another key")
    return claims


def userinfo(request: ResourceRequest, ports: Ports, settings: Settings) -> dict[str, str]:
    """Return the claims about a person that the scopes of a token allow (OpenID Connect 5.3.2).

    Raises insufficient_scope for a token that was not given to know who somebody is.
    """
    claims = claims_of(request, ports, settings)
    scopes = claims["scope"].split()
    if not {"openid", "profile", "email"}.intersection(scopes):
        raise OAuthError(
            ErrorCode.INSUFFICIENT_SCOPE, "the access token lacks the scope", {"scope": "openid"}
        )
    account = ports.accounts.find(claims["sub"])
    if account is None:
        raise OAuthError(ErrorCode.INVALID_TOKEN, "the account is closed")
    told = {"sub": account.subject}
    if "profile" in scopes:
        told |= {"preferred_username": account.username, "name": account.name}
    if "email" in scopes and account.email:
        told["email"] = account.email
    return told


def _is_for_us(audience: str | list[str], settings: Settings) -> bool:
    named = audience if isinstance(audience, list) else [audience]
    return default(settings) in named or settings.issuer in named
