"""The resource owner password grant (RFC 6749 4.3): discouraged, and off unless switched on twice.

It teaches people to type their password into anything that asks; RFC 9700 2.4 forbids it. It is
here for applications that have nothing else yet, each with the day on which it must have.
"""

import logging

from server.core import sign_in, tokens
from server.core.authorization_server import AuthorizationServer, GrantType
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError, TooMany
from server.core.records import Client
from server.core.resource_indicators import requested
from server.core.scope import granted_scope
from server.core.user_interaction import Refused

_log = logging.getLogger("pairlight.deprecated")
_RETRY_AFTER = 600  # seconds: the window of the limits that sign-in shares with this


def exchange(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Exchange a person's name and password. An unknown name reads like a wrong password."""
    ports, now = server.ports, server.ports.clock()
    username, password = request.required("username"), request.required("password")
    if client.password_until is None or now >= client.password_until:
        raise OAuthError(
            ErrorCode.UNAUTHORIZED_CLIENT, "the client's permission for passwords has ended"
        )
    scope = granted_scope(request.parameters.get("scope"), client)
    resource = requested(request.parameters, client, server.settings)
    account = sign_in.prove(username, password, request.address, ports, server.limits)
    if account is Refused.TOO_MANY:
        raise TooMany("too many wrong passwords", _RETRY_AFTER)
    if isinstance(account, Refused):
        raise OAuthError(ErrorCode.INVALID_GRANT, "wrong username or password")
    wanted = tokens.Wanted(scope, resource, request.key)
    grant = tokens.new_grant(account.subject, client, wanted, now, now, ports.entropy)
    issued = tokens.issue(grant, client, wanted, now, ports, server.settings)
    ports.grants.add(grant, issued.refresh_token)
    _log.warning("%s used the password grant, which is deprecated", grant.client_id)
    ports.audit(
        "password_grant_used",
        client_id=grant.client_id,
        subject=grant.subject,
        grant_id=grant.grant_id,
    )
    return issued.response


GRANT_TYPE = GrantType("password", exchange)
