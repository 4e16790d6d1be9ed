"""The refresh token grant, with rotation (RFC 6749 6, RFC 9700 4.14.2).

A new refresh token comes with every answer. The old one stays good until the new one is first
used, so a device that lost the answer or its power can ask again, and is given another new one.
Whoever presents any other token shows that two parties hold them, and the grant ends: one that was
replaced so, or one that was left behind by using its successor.
"""

from server.core import tokens, validity
from server.core.authorization_server import AuthorizationServer, GrantType
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import StoreUnavailable
from server.core.records import Client
from server.core.resource_indicators import narrowed
from server.core.scope import narrowed_scope

_ATTEMPTS = 20  # lost swaps before we say that we are busy


def exchange(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Answer a refresh. Raises invalid_grant for a token that is not good any more."""
    for _ in range(_ATTEMPTS):
        now = server.ports.clock()
        token, grant = _find(request, client, server)
        wanted = tokens.Wanted(
            narrowed_scope(request.parameters.get("scope"), grant.scope),
            narrowed(request.parameters, grant.resource, server.settings),
            request.key,
        )
        # Whichever of the two good ones is used becomes the current one, and the first proof of a
        # public client binds the grant (RFC 9449 5).
        rotated = grant._replace(
            current=token.number,
            issued=grant.issued + 1,
            version=grant.version + 1,
            dpop_key=grant.dpop_key if client.confidential else request.key,
        )
        issued = tokens.issue(rotated, client, wanted, now, server.ports, server.settings)
        assert issued.refresh_token is not None  # noqa: S101 - the pipeline checked the client
        if server.ports.grants.rotate(grant, rotated, issued.refresh_token):
            server.ports.audit(
                "tokens_refreshed",
                client_id=grant.client_id,
                subject=grant.subject,
                grant_id=grant.grant_id,
            )
            return issued.response
    raise StoreUnavailable("a refresh token is being used by too many at once")


def _find(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> validity.Presented:
    """Return a token that is good now, and its grant."""
    ports = server.ports
    found = validity.presented(request.required("refresh_token"), ports)
    if found is None or found.grant.client_id != client.client_id:
        raise _refused()
    if found.grant.dpop_key is not None and found.grant.dpop_key != request.key:
        raise OAuthError(ErrorCode.INVALID_GRANT, "the refresh token is bound to another key")
    if validity.replayed(found):
        ports.grants.revoke(found.grant.grant_id, ports.clock())
        ports.audit(
            "refresh_token_replayed", client_id=client.client_id, subject=found.grant.subject
        )
        raise _refused()
    if not validity.refresh_token_lives(found, ports, server.settings):
        raise _refused()
    return found


def _refused() -> OAuthError:
    return OAuthError(ErrorCode.INVALID_GRANT, "the refresh token is not valid")


GRANT_TYPE = GrantType("refresh_token", exchange)
