"""One step of a device authorization, by the table in `states`: read, decide, swap, try again."""

from collections.abc import Callable

from server.core.polling import WAITING, state_at
from server.core.ports import Ports
from server.core.records import DeviceAuthorization, Session
from server.core.states import Event, State, after


def attempt(
    found: DeviceAuthorization, event: Event, ports: Ports, claimer: Session | None = None
) -> DeviceAuthorization | None:
    """Swap in what `event` makes of a request; None when it cannot, or somebody was faster."""
    now = ports.clock()
    target = after(state_at(found, now), event)
    if target is None:
        return None
    changed = found._replace(state=target, version=found.version + 1)
    if claimer:
        changed = changed._replace(
            subject=claimer.subject,
            session_digest=claimer.digest,
            authenticated_at=claimer.created_at,
        )
    elif target is State.PENDING:
        changed = changed._replace(subject=None, session_digest=None, authenticated_at=None)
    else:
        changed = changed._replace(decided_at=now)
    if not ports.device_authorizations.swap(found, changed):
        return None
    ports.audit(f"device_authorization_{event}", client_id=found.client_id, subject=changed.subject)
    if target not in WAITING:
        ports.waiting_room.wake(found.device_code_digest)
    return changed


def decide(
    find: Callable[[], DeviceAuthorization | None], event: Event, ports: Ports
) -> tuple[DeviceAuthorization | None, bool]:
    """Return the request as it stands after a decision, and whether it is this one that counts.

    `find` reads it, again each time that somebody was faster.
    """
    found = find()
    while found is not None:
        changed = attempt(found, event, ports)
        if changed or after(state_at(found, ports.clock()), event) is None:
            return changed or found, changed is not None
        found = find()
    return None, False
