"""GET /health: whether this process can serve, for load balancers and operators."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Say what works: 200 as long as devices and people are served, 503 without the store."""
    return json_answer(server.health())
