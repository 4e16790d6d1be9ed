"""Tokens: opaque ones that we look up, signed ones that anyone can check (RFC 9068)."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any, NamedTuple

from server.core.ports import Entropy, Ports
from server.core.records import Client, Grant, RefreshToken
from server.core.settings import Settings

SECRET_BYTES = 32  # 256 bits: a plain SHA-256 of it can rest in a database
REFERENCE_BYTES = 16


def secret(entropy: Entropy) -> str:
    """Make a secret of 43 characters: a device code, refresh token, session or client secret."""
    return _text(entropy(SECRET_BYTES))


def reference(entropy: Entropy) -> str:
    """Make a name of 22 characters that nobody can guess."""
    return _text(entropy(REFERENCE_BYTES))


def digest(secret: str) -> bytes:
    """Return what is stored in place of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def _text(material: bytes) -> str:
    return urlsafe_b64encode(material).rstrip(b"=").decode()


class TokenResponse(NamedTuple):
    """What a grant earns (RFC 6749 5.1). `scope` is always told, `refresh_token` may be None."""

    access_token: str
    expires_in: int
    scope: str
    refresh_token: str | None

    def members(self) -> dict[str, Any]:
        """Return the JSON members; what is empty is left out, never null."""
        found = {**self._asdict(), "token_type": "Bearer"}
        return {name: value for name, value in found.items() if value not in (None, "")}


class Issued(NamedTuple):
    """A token response, and the refresh token's record that goes into the store with it."""

    response: TokenResponse
    refresh_token: RefreshToken | None


def issue(
    grant: Grant, client: Client, scope: str, now: float, ports: Ports, settings: Settings
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
    access_token = ports.signer.sign(_claims(grant, scope, now, ports.entropy, settings))
    response = TokenResponse(access_token, settings.access_token_lifetime, scope, refresh_token)
    return Issued(response, record)


def grant_ends_at(grant: Grant, settings: Settings) -> float:
    """Return when a grant ends, however often it was refreshed."""
    return grant.created_at + settings.grant_lifetime


def _claims(
    grant: Grant, scope: str, now: float, entropy: Entropy, settings: Settings
) -> dict[str, Any]:
    """Return the claims of RFC 9068 2.2, and the grant so that revoking it can be noticed."""
    return {
        "iss": settings.issuer,
        "sub": grant.subject,
        "aud": settings.audience or settings.issuer,
        "client_id": grant.client_id,
        "scope": scope,
        "iat": int(now),
        "exp": int(now) + settings.access_token_lifetime,
        "jti": reference(entropy),
        "grant_id": grant.grant_id,
    }
