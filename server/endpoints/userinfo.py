"""GET /userinfo: who an access token speaks for (OpenID Connect Core 5.3)."""

from server.core.authorization_server import AuthorizationServer
from server.endpoints.message import Answer, HTTPRequest, json_answer


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Name the person, to the holder of an access token with the scope `profile`."""
    if request.authorization is None:
        # No error code for a request without a token (RFC 6750 3.1).
        challenge = (("WWW-Authenticate", 'Bearer realm="pairlight", scope="profile"'),)
        return json_answer({"error_description": "an access token is needed"}, 401, challenge)
    return json_answer(server.userinfo(request.authorization))
