"""The authorization code grant: a code from the browser, once, for tokens (RFC 6749 4.1.3)."""

from typing import NoReturn

from server.core import pkce, tokens
from server.core.authorization_server import AuthorizationServer, GrantType
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.records import AuthorizationCode, Client
from server.core.resource_indicators import narrowed

_LONGEST_CODE = 128  # characters; ours have 43


def exchange(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Exchange a code. Raises invalid_grant for one that is not good, or not for this client."""
    ports, now = server.ports, server.ports.clock()
    digest = tokens.digest(request.required("code")[:_LONGEST_CODE])
    code = ports.authorization_codes.find(digest)
    if code is None or code.client_id != client.client_id:
        raise _refused("the code is not valid")
    _check_binding(code, request)
    if code.grant_id is not None:
        _end_replayed(digest, server)
    if now >= code.expires_at:
        raise _refused("the code has expired")
    account = ports.accounts.find(code.subject)
    if account is None or account.disabled:
        raise _refused("the account is closed")
    approved = tokens.Wanted(code.scope, code.resource, request.key, code.nonce)
    grant = tokens.new_grant(
        code.subject, client, approved, code.authenticated_at, now, ports.entropy
    )
    resource = narrowed(request.parameters, code.resource, server.settings)
    wanted = approved._replace(resource=resource)
    issued = tokens.issue(grant, client, wanted, now, ports, server.settings)
    if not ports.authorization_codes.exchange(code, grant, issued.refresh_token):
        _end_replayed(digest, server)
    ports.audit(
        "authorization_code_exchanged",
        client_id=grant.client_id,
        subject=grant.subject,
        grant_id=grant.grant_id,
    )
    return issued.response


def _check_binding(code: AuthorizationCode, request: ClientRequest) -> None:
    """Refuse a code that this request does not fit (RFC 6749 4.1.3).

    It comes before all else: whoever has a code and nothing more can do nothing with it.
    """
    if request.parameters.get("redirect_uri", "") != code.redirect_uri:
        raise _refused("redirect_uri is not the one of the authorization request")
    if not pkce.proves(request.parameters.get("code_verifier"), code.code_challenge):
        raise _refused("code_verifier does not fit the code_challenge")
    if code.dpop_key is not None and code.dpop_key != request.key:
        raise _refused("the DPoP proof is not of the key in dpop_jkt")


def _end_replayed(digest: bytes, server: AuthorizationServer) -> NoReturn:
    """Somebody else has this code, too: what it earned ends (RFC 6749 4.1.2)."""
    code = server.ports.authorization_codes.find(digest)
    if code and code.grant_id:
        server.ports.grants.revoke(code.grant_id, server.ports.clock())
        server.ports.audit(
            "authorization_code_replayed", client_id=code.client_id, grant_id=code.grant_id
        )
    raise _refused("the code has been used")


def _refused(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_GRANT, description)


GRANT_TYPE = GrantType("authorization_code", exchange)
