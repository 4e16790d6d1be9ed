"""What makes an access token good: its signature and its claims (RFC 9068 4, RFC 7662 2.2)."""

import json
import math
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from server.resource.issuer import PublishedKeys
from server.resource.kept import Kept

LEEWAY = 10  # seconds by which two clocks may differ
_TYPES = ("at+jwt", "application/at+jwt")
_HEADER = {"alg", "typ", "kid"}
_CLUMSY = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class SignedTokens:
    """Checks access tokens by the issuer's published keys, without asking it about each."""

    def __init__(self, issuer: str, audience: str, keys: Kept[PublishedKeys]) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def claims(self, token: str, now: float) -> Mapping[str, Any] | None:
        """Return the claims of a good token, or None. Raises Unavailable.

        The signature comes last: what is refused without it makes us ask the issuer for nothing.
        """
        try:
            header, claims = _read(token)
        except _CLUMSY:
            return None
        good = (
            header.get("typ") in _TYPES
            and header.keys() <= _HEADER
            and _complete(claims)
            and is_meant(claims, self._issuer, self._audience)
            and is_timely(claims, now)
        )
        return claims if good and self._is_signed(token, header) else None

    def _is_signed(self, token: str, header: Mapping[str, Any]) -> bool:
        kid = header.get("kid")
        if not isinstance(kid, str):
            return False
        known = self._keys.get()
        key = known.get(kid) or self._keys.renewed(known).get(kid)
        if key is None:
            return False
        try:
            jws.deserialize_compact(token, key.key, algorithms=[key.algorithm])
        except _CLUMSY:
            return False
        return True


def _read(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return header and claims of a token, unverified. Raises one of many errors."""
    found = jws.extract_compact(token.encode())
    claims = json.loads(found.payload)
    if not isinstance(claims, dict):
        raise TypeError("the claims are not an object")
    return found.headers(), claims


def _complete(claims: Mapping[str, Any]) -> bool:
    """Tell whether all that RFC 9068 2.2 requires is there."""
    return all(isinstance(claims.get(name), str) for name in ("sub", "client_id", "jti")) and all(
        _is_time(claims.get(name)) for name in ("exp", "iat")
    )


def is_meant(claims: Mapping[str, Any], issuer: str, audience: str) -> bool:
    """Tell whether a token is of this issuer and for this audience, and its scope a text."""
    audiences = claims.get("aud")
    if isinstance(audiences, str):
        audiences = [audiences]
    return (
        claims.get("iss") == issuer
        and isinstance(audiences, list)
        and audience in audiences
        and isinstance(claims.get("scope", ""), str)
    )


def is_timely(claims: Mapping[str, Any], now: float) -> bool:
    """Tell whether a token has begun and not ended, by those of its times that are there."""
    exp, iat, nbf = (claims.get(name, now) for name in ("exp", "iat", "nbf"))
    return (
        all(map(_is_time, (exp, iat, nbf))) and exp > now - LEEWAY and max(iat, nbf) <= now + LEEWAY
    )


def _is_time(value: object) -> bool:
    """Tell whether a value is a NumericDate (RFC 7519 2); `true` and NaN are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)
