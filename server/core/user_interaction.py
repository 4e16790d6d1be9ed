"""The person answers (RFC 8628 3.3): enter the code, look, approve or deny.

Whatever goes wrong with a code reads the same to the person: unknown, expired, used, or opened by
somebody else. Nothing here tells a guesser which.
"""

from typing import NamedTuple

from server.core.polling import state_at
from server.core.ports import Ports
from server.core.records import Client, DeviceAuthorization, Session
from server.core.settings import Settings
from server.core.states import Event, State, after
from server.core.user_code import display, normalize


class DeviceRequest(NamedTuple):
    """What the confirm page shows of a device authorization."""

    reference: str
    user_code: str  # as the device shows it, for comparison
    client_name: str
    scopes: tuple[str, ...]  # in plain words
    address: str
    user_agent: str
    issued_at: float
    lifetime: int  # seconds that an approval lasts
    state: State


def claim(typed: str, session: Session, ports: Ports) -> str | None:
    """Open the request of a typed code for this person and browser; return its reference.

    None when there is no such request to open. Opening it again before the decision is allowed
    to the same account, and moves it to the browser that asked last.
    """
    found = ports.device_authorizations.find_by_user_code(ports.user_codes.digest(normalize(typed)))
    while found is not None:
        target = after(state_at(found, ports.clock()), Event.CLAIM)
        if target is None or found.subject not in (None, session.subject):
            break
        claimed = found._replace(
            state=target,
            version=found.version + 1,
            subject=session.subject,
            session_digest=session.digest,
        )
        if ports.device_authorizations.swap(found, claimed):
            ports.audit("user_code_claimed", client_id=found.client_id, subject=session.subject)
            return found.reference
        found = ports.device_authorizations.find_by_reference(found.reference)
    ports.audit("user_code_refused", subject=session.subject)
    return None


def find(
    reference: str, session: Session, ports: Ports, settings: Settings
) -> DeviceRequest | None:
    """Return a request as its claimer may see it; None for everybody else."""
    found = _claimed_by(session, reference, ports)
    return _view(found, ports, settings) if found else None


def decide(
    reference: str,
    session: Session,
    event: Event,
    ports: Ports,
    settings: Settings,
) -> DeviceRequest | None:
    """Approve or deny, and return the request as it stands after that.

    A decision that comes too late, or second, changes nothing: the returned state tells.
    """
    found = _claimed_by(session, reference, ports)
    while found is not None:
        now = ports.clock()
        target = after(state_at(found, now), event)
        if target is None:
            break
        decided = found._replace(state=target, version=found.version + 1, decided_at=now)
        if ports.device_authorizations.swap(found, decided):
            ports.audit(
                f"device_authorization_{target}", client_id=found.client_id, subject=found.subject
            )
            found = decided
            break
        found = _claimed_by(session, reference, ports)
    return _view(found, ports, settings) if found else None


def _claimed_by(session: Session, reference: str, ports: Ports) -> DeviceAuthorization | None:
    found = ports.device_authorizations.find_by_reference(reference)
    return found if found and found.session_digest == session.digest else None


def _view(found: DeviceAuthorization, ports: Ports, settings: Settings) -> DeviceRequest:
    client = ports.clients.find(found.client_id)
    return DeviceRequest(
        reference=found.reference,
        user_code=display(ports.user_codes.make(found.reference, found.user_code_length)),
        client_name=client.name if client else found.client_id,
        scopes=tuple(settings.scopes.get(word, word) for word in found.scope.split()),
        address=found.address,
        user_agent=found.user_agent,
        issued_at=found.issued_at,
        lifetime=_lifetime(client, settings),
        state=state_at(found, ports.clock()),
    )


def _lifetime(client: Client | None, settings: Settings) -> int:
    refreshes = client is not None and client.may_use("refresh_token")
    return settings.grant_lifetime if refreshes else settings.access_token_lifetime
