"""Authorization requests that are sent ahead, past the browser (RFC 9126)."""

import json
from typing import Any

from server.core import authorization_request, tokens
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError, TooMany
from server.core.limits import Limits, network
from server.core.ports import Ports
from server.core.records import Client, PushedRequest
from server.core.settings import Settings

LIFETIME = 600  # seconds (RFC 9126 2.2): time to sign in and to think
_PREFIX = "urn:ietf:params:oauth:request_uri:"
_OF_THE_CLIENT = {"client_secret", "client_assertion", "client_assertion_type"}


def push(
    request: ClientRequest, client: Client, ports: Ports, settings: Settings, limits: Limits
) -> dict[str, Any]:
    """Check a request, keep it and return its name. Raises what the browser would be told.

    Raises TooMany as well: whoever knows a public client's name can push.
    """
    given = request.parameters
    if "request_uri" in given:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "request_uri cannot be pushed")
    parameters = {name: value for name, value in given.items() if name not in _OF_THE_CLIENT}
    # A proof here binds the code as `dpop_jkt` does (RFC 9449 10.1).
    if request.key and parameters.setdefault("dpop_jkt", request.key) != request.key:
        raise OAuthError(ErrorCode.INVALID_DPOP_PROOF, "dpop_jkt is of another key")
    asked = authorization_request.addressed(parameters, client)
    authorization_request.check(asked, parameters, settings)
    _count(request.address, client, ports, limits)
    name = _PREFIX + tokens.secret(ports.entropy)
    ports.pushed_requests.add(
        PushedRequest(
            tokens.digest(name),
            client.client_id,
            json.dumps(parameters),
            ports.clock() + LIFETIME,
        )
    )
    return {"request_uri": name, "expires_in": LIFETIME}


def _count(address: str, client: Client, ports: Ports, limits: Limits) -> None:
    """Bound what waits in the store (RFC 9126 2.3). A client's own server has but one address."""
    counted = [(limits.pushes_of_client, client.client_id)]
    if not client.confidential:
        counted.insert(0, (limits.pushes_of_address, network(address)))
    if not all(ports.quick_counters.count(limit, key) for limit, key in counted):
        raise TooMany("too many pushed authorization requests", LIFETIME)
