"""POST /introspect (RFC 7662)."""

from server.core.authorization_server import AuthorizationServer
from server.core.errors import ErrorCode, OAuthError
from server.endpoints.form import client_request
from server.endpoints.message import Answer, HTTPRequest, json_answer, refusal


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Say what a token is good for."""
    try:
        return json_answer(server.introspect(client_request(request)))
    except OAuthError as error:
        if error.code is not ErrorCode.INVALID_CLIENT:
            raise
        # 401 here however the caller tried to prove itself (RFC 7662 2.3).
        return refusal(error, request._replace(authorization=request.authorization or ""))
