"""GET /.well-known/oauth-authorization-server (RFC 8414 3)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Say what this server does."""
    return json_answer(server.metadata(), public=True)
