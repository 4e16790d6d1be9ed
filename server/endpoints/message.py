"""HTTP, as far as machines need it: one request in, one answer out, through either door."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from server.core.errors import ErrorCode, NonceNeeded, OAuthError, TooMany

LARGEST_BODY = 16 * 1024  # bytes; the largest honest form is well under one kilobyte


class HTTPRequest(NamedTuple):
    """What a machine endpoint sees of a request."""

    method: str
    content_type: str
    body: bytes  # at most one byte longer than LARGEST_BODY
    authorization: str | None
    address: str
    user_agent: str
    prefer: str  # RFC 7240
    path: str = ""
    dpop: str | None = None  # RFC 9449
    origin: str | None = None  # RFC 6454: of the web page that asks


class Answer(NamedTuple):
    """What a machine endpoint answers."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read(environ: Mapping[str, Any]) -> HTTPRequest:
    """Read a request from a WSGI environment (PEP 3333)."""
    return HTTPRequest(
        method=environ["REQUEST_METHOD"],
        content_type=environ.get("CONTENT_TYPE") or "",
        body=_body(environ),
        authorization=environ.get("HTTP_AUTHORIZATION"),
        address=environ.get("REMOTE_ADDR") or "",
        user_agent=environ.get("HTTP_USER_AGENT") or "",
        prefer=environ.get("HTTP_PREFER") or "",
        path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
        dpop=environ.get("HTTP_DPOP"),
        origin=environ.get("HTTP_ORIGIN"),
    )


def _body(environ: Mapping[str, Any]) -> bytes:
    """Read no more than we need to know that it is too much; nothing where nothing was sent."""
    length = environ.get("CONTENT_LENGTH") or ""
    wanted = LARGEST_BODY + 1
    if length.isdecimal() and len(length) < len(str(LARGEST_BODY)):
        wanted = int(length)
    elif not length and not environ.get("wsgi.input_terminated"):
        wanted = 0  # there is no end to read to (PEP 3333)
    body: bytes = environ["wsgi.input"].read(wanted) if wanted else b""
    return body


_FIXED = (
    ("Content-Type", "application/json"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
# Both spellings: RFC 6749 5.1 asks for Pragma as well.
_PRIVATE = (*_FIXED, ("Cache-Control", "no-store"), ("Pragma", "no-cache"))
# What is public, and asked for without credentials, any web page may read. Said to all alike, for
# caches keep one answer for all.
ANY_ORIGIN = ("Access-Control-Allow-Origin", "*")
_PUBLIC = (*_FIXED, ("Cache-Control", "public, max-age=300"), ANY_ORIGIN)
_ENCODER = json.JSONEncoder(separators=(",", ":"))


def json_answer(
    members: Mapping[str, Any],
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    public: bool = False,
) -> Answer:
    """Answer in JSON; not to be stored anywhere unless it is public."""
    return Answer(status, (_PUBLIC if public else _PRIVATE) + headers, _json(members))


_STATUS = {
    ErrorCode.INVALID_TOKEN: 401,
    ErrorCode.INSUFFICIENT_SCOPE: 403,
    ErrorCode.TEMPORARILY_UNAVAILABLE: 503,
}
_UNAVAILABLE_FOR = 5  # seconds


def refusal(error: OAuthError, request: HTTPRequest) -> Answer:
    """Write an error (RFC 6749 5.2, RFC 6750 3). The one place that does."""
    status = _STATUS.get(error.code, 400)
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(error, TooMany):
        status, headers = 429, (("Retry-After", str(error.retry_after)),)
    elif status == 503:
        headers = (("Retry-After", str(_UNAVAILABLE_FOR)),)
    elif status in (401, 403):
        headers = (("WWW-Authenticate", resource_challenge(error, request)),)
    elif error.code is ErrorCode.INVALID_CLIENT and request.authorization is not None:
        # 401 only to those who used the header: other clients take it for an unknown endpoint.
        status, headers = 401, (("WWW-Authenticate", 'Basic realm="pairlight"'),)
    if isinstance(error, NonceNeeded):
        headers = (*headers, ("DPoP-Nonce", error.nonce))
    body = _error_body(error.code, error.description, tuple(error.members.items()))
    return Answer(status, _PRIVATE + headers, body)


@lru_cache(maxsize=256)
def _error_body(
    code: ErrorCode, description: str, members: tuple[tuple[str, int | str], ...]
) -> bytes:
    """Write the body of an error. There are few different ones, and nearly all answers are one."""
    return _json({"error": code, "error_description": description, **dict(members)})


def protocol_refusal(
    status: int, description: str, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Refuse what is wrong as HTTP already; the body is an OAuth error all the same."""
    members = {"error": ErrorCode.INVALID_REQUEST, "error_description": description}
    return json_answer(members, status, headers)


def _json(members: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(members).encode()


def resource_challenge(error: OAuthError, request: HTTPRequest) -> str:
    """Return the challenge in the scheme that was used (RFC 6750 3, RFC 9449 7.1)."""
    scheme = "DPoP" if (request.authorization or "").lower().startswith("dpop ") else "Bearer"
    scope = f', scope="{error.members["scope"]}"' if "scope" in error.members else ""
    return (
        f'{scheme} realm="pairlight", error="{error.code}", '
        f'error_description="{error.description}"{scope}'
    )
