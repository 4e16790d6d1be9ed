"""Reads `application/x-www-form-urlencoded` bodies (RFC 6749 Appendix B), strictly."""

from urllib.parse import unquote_plus

from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.endpoints.message import HTTPRequest

FORM = "application/x-www-form-urlencoded"


def client_request(request: HTTPRequest) -> ClientRequest:
    """Return what a client asks for. Raises invalid_request for anything but one proper form."""
    if request.content_type.partition(";")[0].strip().lower() != FORM:
        raise OAuthError(ErrorCode.INVALID_REQUEST, f"the body must be {FORM}")
    return ClientRequest(
        parse(request.body), request.authorization, request.address, request.user_agent
    )


def parse(body: bytes) -> dict[str, str]:
    """Return the parameters of a form; those without a value count as absent."""
    try:
        text = body.decode()
        pairs = [pair.partition("=") for pair in text.split("&")] if text else []
        if "%" in text or "+" in text:
            pairs = [(_decoded(name), "=", _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "the body is not UTF-8") from None
    found = {name: value for name, _, value in pairs}
    if len(found) != len(pairs):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "a parameter occurs twice")
    if "\0" in "".join(found.values()):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "a parameter holds a NUL character")
    return {name: value for name, value in found.items() if value}


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="strict")
