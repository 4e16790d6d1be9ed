"""Tokens: opaque ones that we look up, signed ones that anyone can check (RFC 9068)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from server.core.ports import Entropy, Ports
from server.core.records import Client, Grant, RefreshToken
from server.core.resource_indicators import audience
from server.core.settings import Settings

SECRET_BYTES = 32  # 256 bits: a plain SHA-256 of it can rest in a database
REFERENCE_BYTES = 16
ID_TOKEN_LIFETIME = 3600  # seconds


def secret(entropy: Entropy) -> str:
    """Make a secret of 43 characters: a device code, refresh token, session or client secret."""
    return text(entropy(SECRET_BYTES))


def reference(entropy: Entropy) -> str:
    """Make a name of 22 characters that nobody can guess."""
    return text(entropy(REFERENCE_BYTES))


def digest(secret: str) -> bytes:
    """Return what is stored in place of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def text(material: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648 5)."""
    return urlsafe_b64encode(material).rstrip(b"=").decode()


class TokenResponse(NamedTuple):
    """What a grant earns (RFC 6749 5.1). `scope` is told, unless there is none."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None  # OpenID Connect Core 3.1.3.3

    def members(self) -> dict[str, Any]:
        """Return the JSON members; what is empty is left out, never null."""
        return {name: value for name, value in self._asdict().items() if value not in (None, "")}


class Issued(NamedTuple):
    """A token response, and the refresh token's record that goes into the store with it."""

    response: TokenResponse
    refresh_token: RefreshToken | None


class Wanted(NamedTuple):
    """What one answer's tokens are to be like, within what was granted."""

    scope: str
    resource: str = ""
    key: str | None = None  # thumbprint of the key that the access token is bound to (RFC 9449)
    nonce: str | None = None  # for the ID token


def new_grant(
    subject: str,
    client: Client,
    wanted: Wanted,
    authenticated_at: float | None,
    now: float,
    entropy: Entropy,
) -> Grant:
    """Return what a person's approval leaves behind.

    Its refresh tokens are bound to a key where the client has nothing else to prove itself by
    (RFC 9449 5).
    """
    return Grant(
        grant_id=reference(entropy),
        client_id=client.client_id,
        subject=subject,
        scope=wanted.scope,
        created_at=now,
        resource=wanted.resource,
        dpop_key=None if client.confidential else wanted.key,
        authenticated_at=authenticated_at,
    )


def issue(
    grant: Grant, client: Client, wanted: Wanted, now: float, ports: Ports, settings: Settings
) -> Issued:
    """Make the tokens of a grant. Nothing is stored here: the caller's swap decides."""
    refresh_token = record = None
    if client.may_use("refresh_token"):
        refresh_token = secret(ports.entropy)
        record = RefreshToken(
            digest=digest(refresh_token),
            grant_id=grant.grant_id,
            number=grant.issued,
            expires_at=min(
                now + settings.refresh_token_idle_lifetime, grant_ends_at(grant, settings)
            ),
        )
    of_grant = {"grant_id": grant.grant_id}
    response = access(grant.subject, client, wanted, now, ports, settings, of_grant)
    if "openid" in wanted.scope.split():
        response = response._replace(
            id_token=_id_token(grant, client, wanted, response.access_token, now, ports, settings)
        )
    return Issued(response._replace(refresh_token=refresh_token), record)


def access(
    subject: str,
    client: Client,
    wanted: Wanted,
    now: float,
    ports: Ports,
    settings: Settings,
    more: Mapping[str, Any],
) -> TokenResponse:
    """Make an access token (RFC 9068 2.2) and the answer that brings it. `more` are claims."""
    lifetime = settings.access_token_lifetime
    claims = {
        "iss": settings.issuer,
        "sub": subject,
        "aud": audience(wanted.resource, settings),
        "client_id": client.client_id,
        "scope": wanted.scope,
        "iat": int(now),
        "exp": int(now) + lifetime,
        "jti": reference(ports.entropy),
        **more,
    }
    if wanted.key:
        claims["cnf"] = {"jkt": wanted.key}  # RFC 9449 6.1
    kind = "DPoP" if wanted.key else "Bearer"
    return TokenResponse(ports.signer.sign(claims), kind, lifetime, wanted.scope)


def grant_ends_at(grant: Grant, settings: Settings) -> float:
    """Return when a grant ends, however often it was refreshed."""
    return grant.created_at + settings.grant_lifetime


def _id_token(
    grant: Grant,
    client: Client,
    wanted: Wanted,
    access_token: str,
    now: float,
    ports: Ports,
    settings: Settings,
) -> str:
    """Make an ID token (OpenID Connect Core 2, 3.1.3.6)."""
    left_half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims = {
        "iss": settings.issuer,
        "sub": grant.subject,
        "aud": client.client_id,
        "iat": int(now),
        "exp": int(now) + ID_TOKEN_LIFETIME,
        "at_hash": text(left_half),
    }
    if grant.authenticated_at is not None:
        claims["auth_time"] = int(grant.authenticated_at)
    if wanted.nonce is not None:
        claims["nonce"] = wanted.nonce
    return ports.signer.sign_id_token(claims, client.id_token_alg)
