"""The machine endpoints of the RFCs: functions from an HTTP request to an answer.

Both doors, Flask's views and the WSGI callable in front of them, call `respond`. Nothing here
decides anything of the protocol; that is the core's. A poll on its way, from socket to answer:

    server.wsgi                     which endpoint
    server.endpoints                `respond`, `message.read`, `token.answer`, `form.client_request`
    core.authorization_server       `exchange`: which grant, whose request, which key, allowed?
    server.grants.device_code       `exchange`: look the code up, wait, issue or refuse
    storage.device_authorizations   `standing`: one indexed read
    server.waiting_room             `poll`: in good time? and `place`, for one that is to be held
    core.polling                    what it is told
    server.endpoints.message        `refusal` or `json_answer`: the bytes
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from server.core.authorization_server import AuthorizationServer
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import StoreUnavailable
from server.endpoints import (
    device_authorization,
    health,
    introspection,
    jwks,
    metadata,
    pushed_authorization,
    revocation,
    token,
    userinfo,
)
from server.endpoints.cross_origin import Readers, shown
from server.endpoints.message import (
    LARGEST_BODY,
    Answer,
    HTTPRequest,
    json_answer,
    protocol_refusal,
    read,
    refusal,
)

_log = logging.getLogger(__name__)


class Endpoint(NamedTuple):
    """One address for machines, the methods it takes, the function behind it, and its readers."""

    path: str
    methods: tuple[str, ...]
    answer: Callable[[HTTPRequest, AuthorizationServer], Answer]
    readers: Readers = Readers.NOBODY  # among web pages elsewhere


_READ = ("GET", "HEAD")
WELL_KNOWN = "/.well-known/oauth-authorization-server"
OPENID_CONFIGURATION = "/.well-known/openid-configuration"

ENDPOINTS = (
    Endpoint(
        "/device_authorization", ("POST",), device_authorization.answer, Readers.OF_THE_CLIENT
    ),
    Endpoint("/token", ("POST",), token.answer, Readers.OF_THE_CLIENT),
    Endpoint("/par", ("POST",), pushed_authorization.answer),
    Endpoint("/revoke", ("POST",), revocation.answer, Readers.OF_THE_CLIENT),
    Endpoint("/introspect", ("POST",), introspection.answer),
    # OpenID Connect Core 5.3
    Endpoint("/userinfo", (*_READ, "POST"), userinfo.answer, Readers.OF_ANY_CLIENT),
    Endpoint("/jwks.json", _READ, jwks.answer, Readers.EVERYBODY),
    Endpoint(WELL_KNOWN, _READ, metadata.answer, Readers.EVERYBODY),
    Endpoint(OPENID_CONFIGURATION, _READ, metadata.answer, Readers.EVERYBODY),
    Endpoint("/health", _READ, health.answer),
)


def addresses(issuer: str) -> dict[str, Endpoint]:
    """Return each endpoint by its path below an issuer, which may have a path of its own.

    RFC 8414 3 puts its well-known path before the issuer's; all others go after it, that of
    OpenID Connect Discovery 1.0 4 as well.
    """
    base = urlsplit(issuer).path.rstrip("/")
    found = {base + endpoint.path: endpoint for endpoint in ENDPOINTS}
    found[WELL_KNOWN + base] = found.pop(base + WELL_KNOWN)
    return found


def respond(endpoint: Endpoint, environ: Mapping[str, Any], server: AuthorizationServer) -> Answer:
    """Answer a request, given by its WSGI environment, whatever happens."""
    try:
        request = read(environ)
        answer = _answer(endpoint, request, server)
        if request.origin is not None:
            answer = shown(answer, endpoint.readers, endpoint.methods, request, server)
    except Exception:
        _log.exception("unexpected error at %s", endpoint.path)
        answer = json_answer({"error": "server_error", "error_description": "internal error"}, 500)
    if server.settings.issuer.startswith("https:"):
        hsts = ("Strict-Transport-Security", "max-age=31536000")
        answer = answer._replace(headers=(*answer.headers, hsts))
    return answer


def _answer(endpoint: Endpoint, request: HTTPRequest, server: AuthorizationServer) -> Answer:
    if request.method not in endpoint.methods:
        allow = (("Allow", ", ".join(endpoint.methods)),)
        return protocol_refusal(405, f"use {endpoint.methods[0]}", allow)
    if len(request.body) > LARGEST_BODY:
        return protocol_refusal(413, "the body is too large")
    try:
        return endpoint.answer(request, server)
    except OAuthError as error:
        return refusal(error, request)
    except StoreUnavailable:
        _log.exception("a store is unavailable")
        busy = OAuthError(ErrorCode.TEMPORARILY_UNAVAILABLE, "try again in a moment")
        return refusal(busy, request)
