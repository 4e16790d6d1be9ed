"""POST /device_authorization (RFC 8628 3.1-3.2)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.form import client_request
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Give a device its codes."""
    return json_answer(server.authorize_device(client_request(request)).members())
