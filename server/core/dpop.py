"""Proof of possession of a key (RFC 9449), for devices with and without a clock.

A proof is fresh when it carries a nonce of ours, whatever time it tells, or without one when its
time is about now. A device whose clock was never set is told a nonce and tries again.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from server.core import tokens
from server.core.errors import ErrorCode, NonceNeeded, OAuthError
from server.core.numeric_date import numeric_date
from server.core.ports import Ports
from server.core.settings import Settings

_CLOCKS_DIFFER = 60  # seconds
_NONCE_PERIOD = 300  # seconds; a nonce is good in its own and the next
_LONGEST_JTI = 128  # characters
_DEFAULT_PORTS = {"https": 443, "http": 80}


def proven_key(
    proof: str,
    method: str,
    path: str,
    ports: Ports,
    settings: Settings,
    access_token: str | None = None,
) -> str:
    """Return the thumbprint of the key behind a proof made for this request (RFC 9449 4.3).

    Raises invalid_dpop_proof, and use_dpop_nonce with a nonce.
    """
    found = ports.jwt_reader.read_proof(proof)
    if found is None:
        raise _refused("the DPoP header is not one signed proof")
    claims, key = found
    if claims.get("htm") != method or not _same_address(claims.get("htu"), path, settings):
        raise _refused("the proof is for another request")
    if access_token is not None and claims.get("ath") != _hash(access_token):
        raise _refused("the proof is for another access token")
    now = ports.clock()
    _check_freshness(claims, now, ports.nonce_key)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise _refused("the proof has no jti")
    if not ports.marks.mark(f"proof {key} {jti}", now + 2 * _NONCE_PERIOD):
        raise _refused("the proof has been used")
    return key


def _check_freshness(claims: Mapping[str, Any], now: float, nonce_key: bytes) -> None:
    nonce, issued_at = claims.get("nonce"), numeric_date(claims, "iat")
    if issued_at is None:
        raise _refused("the proof has no iat")
    period = int(now // _NONCE_PERIOD)
    ours = [_nonce(nonce_key, period), _nonce(nonce_key, period - 1)]
    if isinstance(nonce, str):
        fresh = any(hmac.compare_digest(nonce.encode("utf-8", "replace"), one) for one in ours)
    else:
        # Nothing is computed of it: a number in JSON may be larger than any time.
        timely = now - _CLOCKS_DIFFER <= issued_at <= now + _CLOCKS_DIFFER
        fresh = nonce is None and timely
    if not fresh:
        raise NonceNeeded(ours[0].decode())


def _nonce(nonce_key: bytes, period: int) -> bytes:
    digest = hmac.digest(nonce_key, period.to_bytes(8, signed=True), "sha256")
    return urlsafe_b64encode(digest)[:22]


def _same_address(htu: object, path: str, settings: Settings) -> bool:
    """Compare without query and fragment, and with default ports left out (RFC 9449 4.3)."""
    if not isinstance(htu, str):
        return False
    try:
        sent, ours = urlsplit(htu), urlsplit(settings.issuer)
        ports = [one.port or _DEFAULT_PORTS.get(one.scheme) for one in (sent, ours)]
    except ValueError:
        return False
    same_host = (sent.scheme, sent.hostname) == (ours.scheme, ours.hostname)
    return same_host and ports[0] == ports[1] and sent.path == path


def _hash(access_token: str) -> str:
    return tokens.text(tokens.digest(access_token))


def _refused(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_DPOP_PROOF, description)
