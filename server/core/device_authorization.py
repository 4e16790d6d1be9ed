"""The device asks for its codes (RFC 8628 3.1-3.2)."""

from typing import NamedTuple

from server.core import pkce, tokens, user_code
from server.core.client_request import ClientRequest
from server.core.ports import Ports, StoreUnavailable
from server.core.records import Client, DeviceAuthorization
from server.core.scope import granted_scope
from server.core.settings import Settings

_ATTEMPTS = 5  # two live requests with one user code are rare; five in a row mean a broken store
_LONGEST_USER_AGENT = 200  # characters kept of a text that anyone may write


class DeviceAuthorizationResponse(NamedTuple):
    """What the device is told (RFC 8628 3.2). The names are those on the wire."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


def start(
    request: ClientRequest, client: Client, ports: Ports, settings: Settings
) -> DeviceAuthorizationResponse:
    """Give a device its codes. Raises invalid_scope or invalid_request."""
    scope = granted_scope(request.parameters.get("scope"), client)
    challenge = pkce.code_challenge(request.parameters)
    device_code = tokens.secret(ports.entropy)
    now = ports.clock()
    for _ in range(_ATTEMPTS):
        reference = tokens.reference(ports.entropy)
        code = ports.user_codes.make(reference, settings.user_code_length)
        authorization = DeviceAuthorization(
            device_code_digest=tokens.digest(device_code),
            user_code_digest=ports.user_codes.digest(code),
            user_code_length=settings.user_code_length,
            reference=reference,
            client_id=client.client_id,
            scope=scope,
            code_challenge=challenge,
            address=request.address,
            user_agent=request.user_agent[:_LONGEST_USER_AGENT],
            interval=settings.poll_interval,
            issued_at=now,
            expires_at=now + settings.device_code_lifetime,
        )
        if ports.device_authorizations.add(authorization):
            ports.audit("device_authorization_started", client_id=client.client_id)
            return _response(device_code, code, settings)
    raise StoreUnavailable("no free user code found")


def _response(device_code: str, code: str, settings: Settings) -> DeviceAuthorizationResponse:
    return DeviceAuthorizationResponse(
        device_code=device_code,
        user_code=user_code.display(code),
        verification_uri=settings.url("/device"),
        # Short, and without a query or small letters: a smaller QR symbol (RFC 8628 3.3.1).
        verification_uri_complete=settings.url(f"/D/{code}"),
        expires_in=settings.device_code_lifetime,
        interval=settings.poll_interval,
    )
