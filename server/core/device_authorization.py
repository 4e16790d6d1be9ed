"""The device asks for its codes (RFC 8628 3.1-3.2)."""

from base64 import urlsafe_b64encode
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from server.core import pkce, resource_indicators, tokens, user_code
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError, TooMany
from server.core.limits import Limits, network, site
from server.core.live_codes import LiveCodes
from server.core.ports import Ports, StoreUnavailable
from server.core.records import Client, DeviceAuthorization
from server.core.scope import granted_scope
from server.core.settings import Settings

_ATTEMPTS = 5  # two live requests with one user code are rare; five in a row mean a broken store
_LONGEST_TEXT = 200  # characters kept of what a device says of itself


class DeviceAuthorizationResponse(NamedTuple):
    """What the device is told (RFC 8628 3.2). The names are those on the wire."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int
    verification_qr: dict[str, int | str] | None = None

    def members(self) -> dict[str, Any]:
        """Return the JSON members; what was not asked for is left out."""
        found = self._asdict()
        if self.verification_qr is None:
            del found["verification_qr"]
        return found


def start(
    request: ClientRequest,
    client: Client,
    ports: Ports,
    settings: Settings,
    limits: Limits,
    live_codes: LiveCodes,
) -> DeviceAuthorizationResponse:
    """Give a device its codes. Raises what is wrong with the request, or TooMany."""
    scope = granted_scope(request.parameters.get("scope"), client)
    challenge = pkce.code_challenge(request.parameters)
    resource = resource_indicators.requested(request.parameters, client, settings)
    if request.parameters.get("qr", "bits") != "bits":
        raise OAuthError(ErrorCode.INVALID_REQUEST, "qr can only be bits")
    _count_start(request.address, client, ports, limits)
    now = ports.clock()
    length = live_codes.take(now)
    for _ in range(_ATTEMPTS):
        device_code = tokens.secret(ports.entropy)
        digest = tokens.digest(device_code)
        code = ports.user_codes.make(digest, length)
        authorization = DeviceAuthorization(
            device_code_digest=digest,
            user_code_digest=ports.user_codes.digest(code),
            user_code_length=length,
            client_id=client.client_id,
            scope=scope,
            code_challenge=challenge,
            address=request.address,
            user_agent=request.user_agent[:_LONGEST_TEXT],
            device_name=request.parameters.get("device_name", "")[:_LONGEST_TEXT],
            interval=settings.poll_interval,
            issued_at=now,
            expires_at=now + settings.device_code_lifetime,
            resource=resource,
            dpop_key=request.key,
        )
        if ports.device_authorizations.add(authorization):
            ports.audit("device_authorization_started", client_id=client.client_id)
            return _response(device_code, code, "qr" in request.parameters, ports, settings)
    raise StoreUnavailable("no free user code found")


def _count_start(address: str, client: Client, ports: Ports, limits: Limits) -> None:
    # One after the other: who is over a limit of its own takes nothing from the client's.
    for limit, key in (
        (limits.starts_of_address, network(address)),
        (limits.starts_of_site, site(address)),  # None off IPv6
        (limits.starts_of_client, client.client_id),
    ):
        if key is not None and not ports.quick_counters.count(limit, key):
            raise TooMany("too many device authorization requests", limit.seconds)


def _response(
    device_code: str, code: str, with_qr: bool, ports: Ports, settings: Settings
) -> DeviceAuthorizationResponse:
    # Short, and without a query or small letters: a smaller QR symbol (RFC 8628 3.3.1).
    complete = settings.url(f"/D/{code}")
    return DeviceAuthorizationResponse(
        device_code=device_code,
        user_code=user_code.display(code),
        verification_uri=settings.url("/device"),
        verification_uri_complete=complete,
        expires_in=settings.device_code_lifetime,
        interval=settings.poll_interval,
        verification_qr=_qr(complete, ports) if with_qr else None,
    )


def _qr(link: str, ports: Ports) -> dict[str, int | str]:
    """Draw the link in capitals where capitals mean the same: in its scheme and its host."""
    parts = urlsplit(link)
    symbol = ports.qr_maker(f"{parts.scheme}://{parts.netloc}".upper() + parts.path)
    bits = urlsafe_b64encode(symbol.rows).rstrip(b"=").decode()
    return {"size": symbol.size, "bits": bits}
