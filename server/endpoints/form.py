"""Reads `application/x-www-form-urlencoded` bodies (RFC 6749 Appendix B), strictly."""

import re
from urllib.parse import quote, unquote_plus

from server.core.authorization_server import DEVICE_CODE
from server.core.client_request import LONGEST_WAIT, ClientRequest, Patience
from server.core.errors import ErrorCode, OAuthError
from server.endpoints.message import HTTPRequest

FORM = "application/x-www-form-urlencoded"
_KNOWN = {quote(DEVICE_CODE, safe=""): DEVICE_CODE}  # in each poll, and long
_SECONDS = re.compile(r"[0-9]{1,9}")


def client_request(request: HTTPRequest) -> ClientRequest:
    """Return what a client asks for. Raises invalid_request for anything but one proper form."""
    if request.content_type.partition(";")[0].strip().lower() != FORM:
        raise OAuthError(ErrorCode.INVALID_REQUEST, f"the body must be {FORM}")
    return ClientRequest(
        parse(request.body),
        request.authorization,
        request.address,
        request.user_agent,
        patience(request.prefer) if request.prefer else None,
        request.path,
        request.dpop,
    )


def patience(prefer: str) -> Patience | None:
    """Return how long a client asks us to wait (RFC 7240 4.3); what is malformed is not there."""
    for preference in prefer.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        seconds = value.strip().strip('"')
        if name.strip().lower() == "wait" and _SECONDS.fullmatch(seconds):
            wait = min(int(seconds), LONGEST_WAIT)
            return Patience(wait) if wait else None
    return None


def parse(body: bytes) -> dict[str, str]:
    """Return the parameters of a form; those without a value count as absent."""
    found: dict[str, str] = {}
    try:
        text = body.decode()
        for pair in text.split("&"):
            name, _, value = pair.partition("=")
            if "%" in pair or "+" in pair:
                name, value = _decoded(name), _decoded(value)
            if name in found:
                value = _joined(name, found[name], value)
            if pair:
                found[name] = value
    except UnicodeDecodeError:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "the body is not UTF-8") from None
    if "\0" in text or "%00" in text:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "a parameter holds a NUL character")
    return {name: value for name, value in found.items() if value}


def _decoded(text: str) -> str:
    """Decode a name or value. Most are plain, and decoding would be the dearest part of a poll."""
    if "%" not in text and "+" not in text:
        return text
    return _KNOWN.get(text) or unquote_plus(text, errors="strict")


def _joined(name: str, first: str, second: str) -> str:
    """Join two values of a parameter, which only `resource` may have (RFC 8707 2)."""
    if name != "resource":
        raise OAuthError(ErrorCode.INVALID_REQUEST, "a parameter occurs twice")
    return f"{first} {second}"
