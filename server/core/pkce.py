"""Proof Key for Code Exchange (RFC 7636), S256 only: binds a code to whoever asked for it."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from server.core.errors import ErrorCode, OAuthError

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def code_challenge(parameters: Mapping[str, str]) -> str | None:
    """Return the challenge of a request, or None when it sent none. Raises invalid_request."""
    challenge = parameters.get("code_challenge")
    method = parameters.get("code_challenge_method")
    if challenge is None and method is None:
        return None
    if challenge is None or method != "S256":
        raise OAuthError(ErrorCode.INVALID_REQUEST, "code_challenge needs the method S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "code_challenge is not a SHA-256 in base64url")
    return challenge


def proves(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether a verifier fits. One that nothing asked for does not (RFC 9700 4.8.2)."""
    if verifier is None or challenge is None:
        return verifier is None and challenge is None
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode())
