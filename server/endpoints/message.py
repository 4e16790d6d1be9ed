"""HTTP, as far as machines need it: one request in, one answer out, through either door."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from server.core.errors import ErrorCode, OAuthError

LARGEST_BODY = 16 * 1024  # bytes; the largest honest form is well under one kilobyte


class HTTPRequest(NamedTuple):
    """What a machine endpoint sees of a request."""

    method: str
    content_type: str
    body: bytes  # at most one byte longer than LARGEST_BODY
    authorization: str | None
    address: str
    user_agent: str


class Answer(NamedTuple):
    """What a machine endpoint answers."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read(environ: Mapping[str, Any]) -> HTTPRequest:
    """Read a request from a WSGI environment (PEP 3333)."""
    length = environ.get("CONTENT_LENGTH") or ""
    wanted = min(int(length), LARGEST_BODY + 1) if length.isdecimal() else LARGEST_BODY + 1
    return HTTPRequest(
        method=environ["REQUEST_METHOD"],
        content_type=environ.get("CONTENT_TYPE") or "",
        body=environ["wsgi.input"].read(wanted) if wanted else b"",
        authorization=environ.get("HTTP_AUTHORIZATION"),
        address=environ.get("REMOTE_ADDR") or "",
        user_agent=environ.get("HTTP_USER_AGENT") or "",
    )


_FIXED = (
    ("Content-Type", "application/json"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
# Both spellings: RFC 6749 5.1 asks for Pragma as well.
_NEVER_STORED = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_STORED = (("Cache-Control", "public, max-age=300"),)


def json_answer(
    members: Mapping[str, Any],
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    public: bool = False,
) -> Answer:
    """Answer in JSON; not to be stored anywhere unless it is public."""
    caching = _STORED if public else _NEVER_STORED
    body = json.dumps(members, separators=(",", ":")).encode()
    return Answer(status, (*_FIXED, *caching, *headers), body)


_STATUS = {
    ErrorCode.INVALID_TOKEN: 401,
    ErrorCode.INSUFFICIENT_SCOPE: 403,
    ErrorCode.TEMPORARILY_UNAVAILABLE: 503,
}
_RETRY_AFTER = (("Retry-After", "5"),)  # seconds


def refusal(error: OAuthError, request: HTTPRequest) -> Answer:
    """Write an error (RFC 6749 5.2, RFC 6750 3). The one place that does."""
    members = {"error": error.code, "error_description": error.description, **error.members}
    status = _STATUS.get(error.code, 400)
    headers: tuple[tuple[str, str], ...] = ()
    if status == 503:
        headers = _RETRY_AFTER
    elif status in (401, 403):
        headers = (("WWW-Authenticate", _bearer_challenge(error)),)
    elif error.code is ErrorCode.INVALID_CLIENT and request.authorization is not None:
        # 401 only to those who used the header: other clients take it for an unknown endpoint.
        status, headers = 401, (("WWW-Authenticate", 'Basic realm="pairlight"'),)
    return json_answer(members, status, headers)


def protocol_refusal(
    status: int, description: str, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Refuse what is wrong as HTTP already; the body is an OAuth error all the same."""
    members = {"error": ErrorCode.INVALID_REQUEST, "error_description": description}
    return json_answer(members, status, headers)


def _bearer_challenge(error: OAuthError) -> str:
    scope = f', scope="{error.members["scope"]}"' if "scope" in error.members else ""
    return (
        f'Bearer realm="pairlight", error="{error.code}", '
        f'error_description="{error.description}"{scope}'
    )
