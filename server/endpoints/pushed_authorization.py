"""POST /par (RFC 9126)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.form import client_request
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Keep an authorization request and name it."""
    return json_answer(server.push_authorization(client_request(request)), 201)
