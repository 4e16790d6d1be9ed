"""POST /token (RFC 6749 3.2, RFC 8628 3.4)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.form import client_request
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Exchange a grant for tokens."""
    return json_answer(server.exchange(client_request(request)).members())
