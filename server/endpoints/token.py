"""POST /token (RFC 6749 3.2, RFC 8628 3.4)."""

from server.core.authorization_server import AuthorizationServer
from server.core.errors import OAuthError
from server.endpoints.form import client_request
from server.endpoints.message import Answer, HTTPRequest, json_answer, refusal


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Exchange a grant for tokens; hold the answer back for a while if the client prefers that."""
    asked = client_request(request)
    try:
        found = json_answer(server.exchange(asked).members())
    except OAuthError as error:
        found = refusal(error, request)
    if asked.patience and asked.patience.applied:
        # RFC 7240 3
        applied = ("Preference-Applied", f"wait={asked.patience.seconds}")
        return found._replace(headers=(*found.headers, applied))
    return found
