"""The client credentials grant: an application for itself, with nobody behind it (RFC 6749 4.4).

Nothing is stored: the client can ask again at any time, and its tokens die when it is removed.
"""

from server.core import tokens
from server.core.authorization_server import AuthorizationServer, GrantType
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.records import Client
from server.core.resource_indicators import requested
from server.core.scope import granted_scope

# There is nobody to know of.
_OF_PEOPLE = frozenset({"openid", "profile", "email"})


def exchange(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Give a client that has proved itself an access token. Never a refresh token."""
    if not client.confidential:
        raise OAuthError(ErrorCode.UNAUTHORIZED_CLIENT, "only for clients with credentials")
    requested_scope = request.parameters.get("scope")
    scope = granted_scope(requested_scope, client)
    impersonal = " ".join(word for word in scope.split() if word not in _OF_PEOPLE)
    if requested_scope and not impersonal:
        raise OAuthError(ErrorCode.INVALID_SCOPE, "there is no person behind this grant")
    resource = requested(request.parameters, client, server.settings)
    wanted = tokens.Wanted(impersonal, resource, request.key)
    response = tokens.access(
        client.client_id, client, wanted, server.ports.clock(), server.ports, server.settings, {}
    )
    server.ports.audit("client_credentials_used", client_id=client.client_id)
    return response


GRANT_TYPE = GrantType("client_credentials", exchange)
