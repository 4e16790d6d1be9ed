"""What a client asks for and what it may have (RFC 6749 3.3)."""

import re
from collections.abc import Iterable

from server.core.errors import ErrorCode, OAuthError
from server.core.records import Client

_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*")

# Many client libraries add these to every request. Without them in the client's registration
# they are left out rather than refused; the token response says what was granted.
_UNASKED = frozenset({"openid", "profile", "offline_access"})


def granted_scope(requested: str | None, client: Client) -> str:
    """Return the scope a request is good for.

    No scope asks for all the client is registered for, fixed now and not evaluated again when the
    device redeems. Raises invalid_scope for anything beyond the registration.
    """
    if requested is None:
        return client.scope
    _check(requested)
    registered = client.scope.split()
    asked = dict.fromkeys(requested.split())
    if any(word not in registered and word not in _UNASKED for word in asked):
        raise OAuthError(ErrorCode.INVALID_SCOPE, "the client is not registered for this scope")
    return _some(word for word in asked if word in registered)


def narrowed_scope(requested: str | None, granted: str) -> str:
    """Return the scope of a refresh: what was granted, or a part of it (RFC 6749 6)."""
    if requested is None:
        return granted
    _check(requested)
    asked, given = dict.fromkeys(requested.split()), granted.split()
    if any(word not in given and word not in _UNASKED for word in asked):
        raise OAuthError(ErrorCode.INVALID_SCOPE, "scope goes beyond what was granted")
    return _some(word for word in asked if word in given)


def _check(requested: str) -> None:
    if not _SCOPE.fullmatch(requested):
        raise OAuthError(ErrorCode.INVALID_SCOPE, "scope is a list of words with single spaces")


def _some(words: Iterable[str]) -> str:
    """Join what is left of a request. Nothing at all would not be what was asked for."""
    scope = " ".join(words)
    if not scope:
        raise OAuthError(ErrorCode.INVALID_SCOPE, "the client is not registered for this scope")
    return scope
