"""The device code grant: a poll, and on the poll after the approval the tokens (RFC 8628 3.4)."""

import hmac
from functools import partial

from server.core import pkce, polling, tokens
from server.core.authorization_server import DEVICE_CODE, AuthorizationServer, GrantType
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError, TooMany
from server.core.limits import network
from server.core.records import Client, DeviceAuthorization, Standing
from server.core.resource_indicators import narrowed
from server.core.states import Event, State
from server.core.transition import decide

_LONGEST_DEVICE_CODE = 128  # characters; ours have 43, more is not worth a digest
_LOOK_EVERY = 3  # seconds; while held, should a wake-up get lost
_ISSUING = {State.APPROVED: Event.REDEEM, State.REDEEMED: Event.REISSUE}


def exchange(
    request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Answer a poll. Raises the errors of RFC 8628 3.5 until the person has approved."""
    digest = tokens.digest(request.required("device_code")[:_LONGEST_DEVICE_CODE])
    standing = _look_up(digest, request, client, server)
    state = polling.state_at(standing, server.ports.clock())
    complete = not client.return_code or _has_return_code(digest, state, request, server)
    if state in polling.WAITING or (state is State.APPROVED and not complete):
        standing, state = _wait(digest, standing, request, server)
    if state is State.APPROVED and not complete:
        raise polling.return_code_missing(standing, server.ports.clock())
    if state not in _ISSUING:
        raise polling.refusal(state)
    return _issue(digest, request, client, server)


def _look_up(
    digest: bytes, request: ClientRequest, client: Client, server: AuthorizationServer
) -> Standing:
    """Return how a code stands, to its own client and to the holder of its verifier alone."""
    found = server.ports.device_authorizations.standing(digest)
    if found is None or found.client_id != client.client_id:
        if not server.ports.quick_counters.count(
            server.limits.unknown_codes, network(request.address)
        ):
            raise TooMany("too many unknown device codes", server.limits.unknown_codes.seconds)
        raise OAuthError(ErrorCode.INVALID_GRANT, "unknown device code")
    if not pkce.proves(request.parameters.get("code_verifier"), found.code_challenge):
        raise OAuthError(ErrorCode.INVALID_GRANT, "code_verifier does not fit the code_challenge")
    if found.dpop_key is not None and found.dpop_key != request.key:
        raise OAuthError(ErrorCode.INVALID_GRANT, "the device code is bound to another key")
    return found


def _has_return_code(
    digest: bytes, state: State, request: ClientRequest, server: AuthorizationServer
) -> bool:
    """Tell whether a poll brings the right return code. A wrong one ends it all (RFC 10027 6.1.16).

    So does any one before the approval, when nobody has seen it: who heard that a guess was right
    could wait for such a code and have that approved. And a wrong one after the tokens, or many
    guesses at once would be worth it.
    """
    sent = request.parameters.get("return_code")
    if sent is None:
        return False
    ports = server.ports
    right = hmac.compare_digest(sent.encode(), ports.user_codes.return_code(digest).encode())
    if right and state not in polling.WAITING:
        return True
    find = partial(ports.device_authorizations.find_by_device_code, digest)
    found, ended = decide(find, Event.MISMATCH, ports)
    if ended:
        raise OAuthError(ErrorCode.ACCESS_DENIED, "the return code is wrong")
    if found and found.grant_id:
        ports.grants.revoke(found.grant_id, ports.clock())
        ports.audit(
            f"device_authorization_{Event.MISMATCH}",
            client_id=found.client_id,
            subject=found.subject,
            grant_id=found.grant_id,
        )
    raise polling.refusal(polling.state_at(found, ports.clock()) if found else State.EXPIRED)


def _wait(
    digest: bytes, found: Standing, request: ClientRequest, server: AuthorizationServer
) -> tuple[Standing, State]:
    """Keep a waiting device to its pace, hold its poll if it wants that, and tell how it stands.

    Only a device that can prove itself by a verifier is held: should its connection be gone when
    the person decides, what was issued to nobody can be asked for again.
    """
    now = server.ports.clock()
    slower = server.ports.waiting_room.poll(digest, found.interval, now)
    if slower is not None:
        raise polling.slow_down(slower)
    patience = request.patience
    if patience is None or found.code_challenge is None:
        return found, found.state
    left = min(patience.seconds, polling.deadline(found) - now)
    with server.ports.waiting_room.place(digest, found.client_id) as place:
        if place is None:
            return found, found.state
        patience.applied = True
        woken = False
        while True:
            # Read with the place taken: a decision from now on wakes it.
            found = server.ports.device_authorizations.standing(digest) or found
            state = polling.state_at(found, server.ports.clock())
            # Woken for nothing: a newer poll of this device took the place (CIBA Core 10.1).
            if state not in polling.WAITING or woken or left <= 0:
                return found, state
            woken = place.wait(min(left, _LOOK_EVERY))
            left -= _LOOK_EVERY


def _check_lost_answer(found: DeviceAuthorization, server: AuthorizationServer, now: float) -> None:
    """Refuse a used code, unless its holder has proved itself and the answer may have been lost.

    It was not lost when its tokens have been used. A code that comes again otherwise is in two
    hands, and neither keeps the tokens.
    """
    grant = server.ports.grants.find(found.grant_id or "")
    recent = found.redeemed_at is not None and 0 <= now - found.redeemed_at < polling.ASK_AGAIN
    if grant and (found.code_challenge is None or not recent):
        server.ports.grants.revoke(grant.grant_id, now)
        server.ports.audit("device_code_replayed", client_id=found.client_id)
        raise polling.refusal(State.REDEEMED)
    if grant is None or grant.revoked_at is not None or grant.issued > 1:
        again = server.ports.device_authorizations.find_by_device_code(found.device_code_digest)
        overtaken = again is not None and again.version != found.version
        raise _overtaken(found) if overtaken else polling.refusal(State.REDEEMED)


def _issue(
    digest: bytes, request: ClientRequest, client: Client, server: AuthorizationServer
) -> tokens.TokenResponse:
    """Issue the tokens and mark the code as used, both or neither."""
    ports, now = server.ports, server.ports.clock()
    found = ports.device_authorizations.find_by_device_code(digest)
    state = polling.state_at(found, now) if found else State.EXPIRED  # and cleaned away
    if found is None or state not in _ISSUING:
        raise polling.refusal(state)
    if state is State.REDEEMED:
        _check_lost_answer(found, server, now)
    event = _ISSUING[state]
    account = ports.accounts.find(found.subject or "")
    if account is None or account.disabled:
        raise OAuthError(ErrorCode.INVALID_GRANT, "the account is closed")
    approved = tokens.Wanted(found.scope, found.resource, request.key)
    grant = tokens.new_grant(
        account.subject, client, approved, found.authenticated_at, now, ports.entropy
    )
    resource = narrowed(request.parameters, found.resource, server.settings)
    wanted = approved._replace(resource=resource)
    issued = tokens.issue(grant, client, wanted, now, ports, server.settings)
    redeemed = found._replace(
        state=State.REDEEMED,
        version=found.version + 1,
        redeemed_at=found.redeemed_at or now,
        grant_id=grant.grant_id,
    )
    if not ports.device_authorizations.redeem(found, redeemed, grant, issued.refresh_token):
        raise _overtaken(found)
    ports.audit(
        f"device_code_{event}",
        client_id=grant.client_id,
        subject=grant.subject,
        grant_id=grant.grant_id,
    )
    return issued.response


def _overtaken(found: DeviceAuthorization) -> OAuthError:
    """Answer a poll that lost to another poll of the same code at the same time.

    A device with a verifier may ask again, in case that the other poll was its own lost one.
    """
    if found.code_challenge is not None:
        return polling.refusal(State.PENDING)
    return polling.refusal(State.REDEEMED)


GRANT_TYPE = GrantType(DEVICE_CODE, exchange)
