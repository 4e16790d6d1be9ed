"""The one exception that crosses the facade, and the codes it may carry."""

from collections.abc import Mapping
from enum import StrEnum


class ErrorCode(StrEnum):
    """OAuth error codes, each with the section that defines it."""

    INVALID_REQUEST = "invalid_request"  # RFC 6749 5.2
    INVALID_CLIENT = "invalid_client"  # RFC 6749 5.2
    INVALID_GRANT = "invalid_grant"  # RFC 6749 5.2
    UNAUTHORIZED_CLIENT = "unauthorized_client"  # RFC 6749 5.2
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"  # RFC 6749 5.2
    INVALID_SCOPE = "invalid_scope"  # RFC 6749 5.2
    AUTHORIZATION_PENDING = "authorization_pending"  # RFC 8628 3.5
    SLOW_DOWN = "slow_down"  # RFC 8628 3.5
    ACCESS_DENIED = "access_denied"  # RFC 8628 3.5
    EXPIRED_TOKEN = "expired_token"  # RFC 8628 3.5
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"  # RFC 6749 4.1.2.1
    INVALID_TARGET = "invalid_target"  # RFC 8707 2
    LOGIN_REQUIRED = "login_required"  # OpenID Connect Core 3.1.2.6
    CONSENT_REQUIRED = "consent_required"  # OpenID Connect Core 3.1.2.6
    REQUEST_NOT_SUPPORTED = "request_not_supported"  # OpenID Connect Core 3.1.2.6
    INVALID_DPOP_PROOF = "invalid_dpop_proof"  # RFC 9449 5
    USE_DPOP_NONCE = "use_dpop_nonce"  # RFC 9449 8
    INVALID_TOKEN = "invalid_token"  # RFC 6750 3.1
    INSUFFICIENT_SCOPE = "insufficient_scope"  # RFC 6750 3.1
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"  # RFC 6749 4.1.2.1, 503


class OAuthError(Exception):
    """A refusal in the words of the RFCs.

    `description` is for the developer of the client: plain ASCII, never an echo of what was sent
    (RFC 6749 5.2 limits its characters). `members` are added to the JSON answer as they are.
    """

    def __init__(
        self, code: ErrorCode, description: str, members: Mapping[str, int | str] | None = None
    ) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description
        self.members: Mapping[str, int | str] = members or {}


class TooMany(OAuthError):
    """A refusal of too many requests, sent with 429. `retry_after` is in seconds."""

    def __init__(self, description: str, retry_after: int) -> None:
        super().__init__(ErrorCode.TEMPORARILY_UNAVAILABLE, description)
        self.retry_after = retry_after


class NonceNeeded(OAuthError):
    """A DPoP proof that is to be made again with this nonce, sent in a header (RFC 9449 8)."""

    def __init__(self, nonce: str) -> None:
        super().__init__(ErrorCode.USE_DPOP_NONCE, "make the proof again with this nonce")
        self.nonce = nonce
