"""The refresh token grant, with rotation (RFC 6749 6, RFC 9700 4.14.2).

A new refresh token comes with every answer. The old one stays good until the new one is first
used, so a device that lost the answer or its power can ask again, and is given another new one.
Whoever presents any other token shows that two parties hold them, and the grant ends: one that was
replaced so, or one that was left behind by using its successor.
"""

from server.core import tokens
from server.core.authorization_server import AuthorizationServer, GrantType
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import StoreUnavailable
from server.core.records import Client, Grant, RefreshToken
from server.core.scope import narrowed_scope

_ATTEMPTS = 20  # lost swaps before we say that we are busy
_LONGEST_TOKEN = 128  # characters; ours have 43


def exchange(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Answer a refresh. Raises invalid_grant for a token that is not good any more."""
    presented = request.required("refresh_token")
    digest = tokens.digest(presented[:_LONGEST_TOKEN])
    for _ in range(_ATTEMPTS):
        now = server.ports.clock()
        token, grant = _find(digest, client, server, now)
        scope = narrowed_scope(request.parameters.get("scope"), grant.scope)
        # Whichever of the two good ones is used becomes the current one.
        rotated = grant._replace(
            current=token.number, issued=grant.issued + 1, version=grant.version + 1
        )
        issued = tokens.issue(rotated, client, scope, now, server.ports, server.settings)
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
    digest: bytes, client: Client, server: AuthorizationServer, now: float
) -> tuple[RefreshToken, Grant]:
    """Return a token that is good now, and its grant."""
    ports = server.ports
    token = ports.grants.find_refresh_token(digest)
    grant = ports.grants.find(token.grant_id) if token else None
    if token is None or grant is None or grant.client_id != client.client_id:
        raise _refused()
    if token.number not in (grant.current, grant.issued):
        ports.grants.revoke(grant.grant_id, now)
        ports.audit("refresh_token_replayed", client_id=grant.client_id, subject=grant.subject)
        raise _refused()
    account = ports.accounts.find(grant.subject)
    ends_at = min(token.expires_at, tokens.grant_ends_at(grant, server.settings))
    if grant.revoked_at is not None or now >= ends_at or account is None or account.disabled:
        raise _refused()
    return token, grant


def _refused() -> OAuthError:
    return OAuthError(ErrorCode.INVALID_GRANT, "the refresh token is not valid")


GRANT_TYPE = GrantType("refresh_token", exchange)
