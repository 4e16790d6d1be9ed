"""What an application asks by way of the browser: read strictly, carried from page to page.

Pages carry the request itself and read it anew at each step. Nothing that came out of it is taken
back from a form.
"""

from typing import NamedTuple
from urllib.parse import unquote_plus, urlencode

from flask import request

from server.core.errors import ErrorCode, OAuthError

_LONGEST = 16 * 1024  # bytes
_FORM = "application/x-www-form-urlencoded"


class SentRequest(NamedTuple):
    """The parameters of a request, decoded, in their order."""

    pairs: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        """Return the request as a query: letters, digits and `%&+-._=~`, whatever was sent."""
        return urlencode(self.pairs)

    @property
    def once(self) -> dict[str, str]:
        """Return the parameters that occur once; which of two is meant cannot be known."""
        names = [name for name, _ in self.pairs]
        return {name: value for name, value in self.pairs if names.count(name) == 1}


def in_address() -> SentRequest:
    """Return the request in this address. Raises invalid_request."""
    return read(request.query_string)


def in_body() -> SentRequest:
    """Return the request that an application let the browser post. Raises invalid_request."""
    if request.mimetype != _FORM:
        raise _invalid(f"the body must be {_FORM}")
    return read(request.get_data())


def in_form() -> SentRequest | None:
    """Return the request that waits in a form of ours, if any. Raises invalid_request."""
    carried = request.form.get("authorize", "")
    return read(carried.encode()) if carried else None


def read(query: bytes) -> SentRequest:
    """Read a query (RFC 6749 Appendix B). Raises invalid_request."""
    try:
        pairs = [_pair(pair) for pair in query.decode().split("&") if pair]
    except UnicodeDecodeError:
        raise _invalid("the request is not UTF-8") from None
    sent = SentRequest(tuple(pairs))
    if max(len(query), len(sent.query)) > _LONGEST:
        raise _invalid("the request is too long")
    if "%00" in sent.query:
        raise _invalid("a parameter holds a NUL character")
    return sent


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")


def _invalid(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, description)
