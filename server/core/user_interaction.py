"""The person answers (RFC 8628 3.3): enter the code, look, approve or deny.

Whatever goes wrong with a code reads the same to the person: unknown, expired, used, or opened by
somebody else. Nothing here tells a guesser which.
"""

from base64 import b64decode
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from server.core import tokens, transition
from server.core.limits import Limits, give_back, network, take
from server.core.polling import state_at
from server.core.ports import Ports
from server.core.records import Client, DeviceAuthorization, Session
from server.core.resource_indicators import told
from server.core.settings import Settings
from server.core.states import Event, State, after
from server.core.user_code import display, normalize


class Refused(Enum):
    """Why a person cannot go on."""

    NOT_FOUND = auto()
    TOO_MANY = auto()  # wrong codes or passwords: come back in some minutes
    ENOUGH_TODAY = auto()  # approvals


class DeviceRequest(NamedTuple):
    """What the confirm page shows of a device authorization."""

    reference: str
    user_code: str  # as the device shows it, for comparison
    client_name: str
    scopes: tuple[str, ...]  # in plain words
    apis: tuple[str, ...]  # the hosts of those that it is for, beside the default
    address: str
    user_agent: str
    device_name: str
    issued_at: float
    lifetime: int  # seconds that an approval lasts
    state: State
    return_code: str | None  # to be entered on the device: "" until approved, None for no such


def claim(
    typed: str, session: Session, address: str, ports: Ports, limits: Limits
) -> str | Refused:
    """Open the request of a typed code for this person and browser; return its reference.

    Opening it again before the decision is allowed to the same account, and moves it to the browser
    that asked last. While a return code is shown it leads back there, in that browser. When a
    second account enters the code of an open request, the request ends: one of the two was tricked
    (RFC 10027 6.1.4).
    """
    counters = ports.kept_counters
    tries = (
        (limits.codes_of_address, network(address)),
        (limits.codes_of_account, session.subject),
    )
    # Counted first and taken back on a hit, so that tries side by side cannot outrun a limit.
    if counters.spent(limits.codes_paused, "") or not take(counters, tries):
        ports.audit("user_code_limited", subject=session.subject, address=address)
        return Refused.TOO_MANY
    reference = _open(typed, session, ports)
    if reference is None:
        for limit in (limits.codes_of_all, limits.codes_paused):
            counters.count(limit, "")
        ports.audit("user_code_refused", subject=session.subject, address=address)
        return Refused.NOT_FOUND
    give_back(counters, tries)
    return reference


def _open(typed: str, session: Session, ports: Ports) -> str | None:
    found = ports.device_authorizations.find_by_user_code(ports.user_codes.digest(normalize(typed)))
    while found is not None:
        mine = found.subject in (None, session.subject)
        event = Event.CLAIM if mine else Event.CONTEST
        changed = transition.attempt(found, event, ports, claimer=session if mine else None)
        if changed:
            return _reference(found) if mine else None
        if after(state_at(found, ports.clock()), event) is None:
            return _reference(found) if _shows_number(found, session, ports) else None
        found = ports.device_authorizations.find_by_user_code(found.user_code_digest)
    return None


def _shows_number(found: DeviceAuthorization, session: Session, ports: Ports) -> bool:
    """Tell whether this browser has approved, so that it may look for its return code again."""
    return (
        found.session_digest == session.digest
        and state_at(found, ports.clock()) is State.APPROVED
        and _wants_return_code(ports.clients.find(found.client_id))
    )


def find(
    reference: str, session: Session, ports: Ports, settings: Settings
) -> DeviceRequest | None:
    """Return a request as its claimer may see it; None for everybody else."""
    found = _claimed_by(session, reference, ports)
    return _view(found, ports, settings) if found else None


def approve(
    reference: str, session: Session, ports: Ports, settings: Settings, limits: Limits
) -> DeviceRequest | Refused:
    """Approve, and return the request as it stands after that.

    A decision that comes too late, or second, changes nothing: the returned state tells.
    """
    found = _claimed_by(session, reference, ports)
    if found is None or state_at(found, ports.clock()) is not State.CLAIMED:
        return _shown(found, ports, settings)
    today = ((limits.approvals, session.subject),)
    if not take(ports.kept_counters, today):
        ports.audit("approvals_limited", subject=session.subject)
        return Refused.ENOUGH_TODAY
    approved = False
    try:
        found, approved = _decide(reference, session, Event.APPROVE, ports)
    finally:
        if not approved:
            give_back(ports.kept_counters, today)
    return _shown(found, ports, settings)


def deny(
    reference: str, session: Session, ports: Ports, settings: Settings
) -> DeviceRequest | Refused:
    """Deny, and return the request as it stands after that."""
    found, _ = _decide(reference, session, Event.DENY, ports)
    return _shown(found, ports, settings)


def withdraw(
    reference: str, session: Session, ports: Ports, settings: Settings
) -> DeviceRequest | Refused:
    """Take an approval back that waits for its return code; return the request after that.

    Others are as good as redeemed: their device asks every few seconds.
    """
    found = _claimed_by(session, reference, ports)
    if found and _wants_return_code(ports.clients.find(found.client_id)):
        found, _ = _decide(reference, session, Event.WITHDRAW, ports)
    return _shown(found, ports, settings)


def release(reference: str, session: Session, ports: Ports) -> None:
    """Leave an open request, so that another account can enter its code."""
    found = _claimed_by(session, reference, ports)
    if found:
        transition.attempt(found, Event.RELEASE, ports)


def _decide(
    reference: str, session: Session, event: Event, ports: Ports
) -> tuple[DeviceAuthorization | None, bool]:
    return transition.decide(partial(_claimed_by, session, reference, ports), event, ports)


def _claimed_by(session: Session, reference: str, ports: Ports) -> DeviceAuthorization | None:
    try:
        digest = b64decode(f"{reference}=", b"-_", validate=True)
    except ValueError:
        return None
    found = ports.device_authorizations.find_by_user_code(digest)
    return found if found and found.session_digest == session.digest else None


def _reference(found: DeviceAuthorization) -> str:
    """Return what portal URLs name a request by: nobody can tell the user code from it."""
    return tokens.text(found.user_code_digest)


def _shown(
    found: DeviceAuthorization | None, ports: Ports, settings: Settings
) -> DeviceRequest | Refused:
    return _view(found, ports, settings) if found else Refused.NOT_FOUND


def _view(found: DeviceAuthorization, ports: Ports, settings: Settings) -> DeviceRequest:
    client = ports.clients.find(found.client_id)
    state = state_at(found, ports.clock())
    return DeviceRequest(
        reference=_reference(found),
        user_code=display(ports.user_codes.make(found.device_code_digest, found.user_code_length)),
        client_name=client.name if client else found.client_id,
        scopes=tuple(settings.scopes.get(word, word) for word in found.scope.split()),
        apis=told(found.resource, settings),
        address=found.address,
        user_agent=found.user_agent,
        device_name=found.device_name,
        issued_at=found.issued_at,
        lifetime=_lifetime(client, settings),
        state=state,
        return_code=_return_code(found, state, ports) if _wants_return_code(client) else None,
    )


def _wants_return_code(client: Client | None) -> bool:
    return client is not None and client.return_code


def _return_code(found: DeviceAuthorization, state: State, ports: Ports) -> str:
    # Whoever has it may redeem: it is nobody's before the person has approved.
    approved = state is State.APPROVED
    return ports.user_codes.return_code(found.device_code_digest) if approved else ""


def _lifetime(client: Client | None, settings: Settings) -> int:
    refreshes = client is not None and client.may_use("refresh_token")
    return settings.grant_lifetime if refreshes else settings.access_token_lifetime
