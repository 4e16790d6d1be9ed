"""POST /revoke (RFC 7009)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.form import client_request
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """End a token. The body is an empty object: some clients fail on an empty one."""
    server.revoke(client_request(request))
    return json_answer({})
