"""GET /jwks.json (RFC 7517 5)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Publish the keys that verify access tokens."""
    return json_answer(server.jwks(), public=True)
