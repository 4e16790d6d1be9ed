"""The implicit grant: an access token in an address (RFC 6749 4.2.2). Deprecated, off by default.

Addresses are kept in histories and told to others; RFC 9700 2.1.2 has everybody use a code instead.
"""

import logging
from collections.abc import Mapping

from server.core import tokens
from server.core.authorization_request import AuthorizationRequest
from server.core.ports import Ports
from server.core.records import Grant, Session
from server.core.settings import Settings

_log = logging.getLogger("pairlight.deprecated")


def earn(
    request: AuthorizationRequest, session: Session, ports: Ports, settings: Settings
) -> Mapping[str, str]:
    """Return what the address is to tell the app. There is no refresh token, whoever asks."""
    now = ports.clock()
    wanted = tokens.Wanted(request.scope, request.resource)
    grant = tokens.new_grant(
        session.subject, request.client, wanted, session.created_at, now, ports.entropy
    )
    ports.grants.add(grant, None)
    of_grant = {"grant_id": grant.grant_id}
    response = tokens.access(grant.subject, request.client, wanted, now, ports, settings, of_grant)
    _tell(grant, ports)
    return {name: str(value) for name, value in response.members().items()}


def _tell(grant: Grant, ports: Ports) -> None:
    _log.warning("%s used the implicit grant, which is deprecated", grant.client_id)
    ports.audit(
        "implicit_grant_used",
        client_id=grant.client_id,
        subject=grant.subject,
        grant_id=grant.grant_id,
    )
