"""The device code grant: a poll, and on the poll after the approval the tokens (RFC 8628 3.4)."""

from server.core import pkce, polling, tokens
from server.core.authorization_server import DEVICE_CODE, AuthorizationServer, GrantType
from server.core.client_request import GrantRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.records import DeviceAuthorization, Grant
from server.core.states import Event, State, after

_LONGEST_DEVICE_CODE = 128  # characters; ours have 43, more is not worth a digest


def exchange(request: GrantRequest, server: AuthorizationServer) -> tokens.TokenResponse:
    """Answer a poll. Raises the errors of RFC 8628 3.5 until the person has approved."""
    device_code = request.required("device_code")
    if len(device_code) > _LONGEST_DEVICE_CODE:
        raise OAuthError(ErrorCode.INVALID_GRANT, "unknown device code")
    found = _find(tokens.digest(device_code), request, server)
    now = server.ports.clock()
    state = polling.state_at(found, now)
    slower = None
    if state in polling.WAITING:
        slower = server.ports.waiting_room.poll(found.device_code_digest, found.interval, now)
    if state is State.REDEEMED and found.grant_id:
        # Someone holds this code beside the device that was served: neither may keep the tokens.
        server.ports.grants.revoke(found.grant_id, now)
        server.ports.audit("device_code_replayed", client_id=found.client_id)
    refusal = polling.refusal(state, slower)
    if refusal:
        raise refusal
    return _redeem(found, request, server, now)


def _find(digest: bytes, request: GrantRequest, server: AuthorizationServer) -> DeviceAuthorization:
    """Return the record, to its own client and to the holder of its verifier alone."""
    found = server.ports.device_authorizations.find_by_device_code(digest)
    if found is None or found.client_id != request.client.client_id:
        raise OAuthError(ErrorCode.INVALID_GRANT, "unknown device code")
    if not pkce.proves(request.parameters.get("code_verifier"), found.code_challenge):
        raise OAuthError(ErrorCode.INVALID_GRANT, "code_verifier does not fit the code_challenge")
    return found


def _redeem(
    found: DeviceAuthorization, request: GrantRequest, server: AuthorizationServer, now: float
) -> tokens.TokenResponse:
    """Issue the tokens and mark the code as used, both or neither."""
    ports = server.ports
    account = ports.accounts.find(found.subject or "")
    target = after(found.state, Event.REDEEM)
    if account is None or account.disabled or target is None:
        raise OAuthError(ErrorCode.INVALID_GRANT, "the account is closed")
    grant = Grant(
        grant_id=tokens.reference(ports.entropy),
        client_id=found.client_id,
        subject=account.subject,
        scope=found.scope,
        created_at=now,
    )
    issued = tokens.issue(grant, request.client, found.scope, now, ports, server.settings)
    redeemed = found._replace(state=target, version=found.version + 1, grant_id=grant.grant_id)
    if not ports.device_authorizations.redeem(found, redeemed, grant, issued.refresh_token):
        # Only another poll of the same code changes an approved record: it was served.
        raise OAuthError(ErrorCode.INVALID_GRANT, "the device code has been used")
    ports.audit(
        "device_code_redeemed",
        client_id=grant.client_id,
        subject=grant.subject,
        grant_id=grant.grant_id,
    )
    return issued.response


GRANT_TYPE = GrantType(DEVICE_CODE, ("device_code", "code_verifier"), exchange)
