"""The facade: what endpoints, pages and commands can ask of the protocol."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from server.core import (
    device_authorization,
    protected_resource,
    registration,
    sign_in,
    user_interaction,
)
from server.core.client_auth import authenticate
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.limits import Limits
from server.core.live_codes import LiveCodes
from server.core.metadata import metadata
from server.core.ports import Ports
from server.core.records import Account, Client, Session
from server.core.settings import Settings
from server.core.tokens import TokenResponse

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class GrantType(NamedTuple):
    """One way to earn tokens. Each file in `server.grants` makes one."""

    name: str
    exchange: Callable[[ClientRequest, Client, "AuthorizationServer"], TokenResponse]


class AuthorizationServer:
    """Everything the protocol does, over whatever plays the roles in `ports`.

    Raises OAuthError where the RFCs refuse and StoreUnavailable where a store fails.
    """

    def __init__(
        self,
        settings: Settings,
        ports: Ports,
        grant_types: Iterable[GrantType],
    ) -> None:
        self.settings = settings
        self.ports = ports
        self.limits = Limits(settings)
        self._live_codes = LiveCodes(ports, settings, self.limits)
        self._grant_types = {grant_type.name: grant_type for grant_type in grant_types}

    # What machines ask

    def authorize_device(
        self, request: ClientRequest
    ) -> device_authorization.DeviceAuthorizationResponse:
        """Answer a device authorization request (RFC 8628 3.1)."""
        client = authenticate(request, self.ports, self.limits)
        _permit(client, DEVICE_CODE)
        return device_authorization.start(
            request, client, self.ports, self.settings, self.limits, self._live_codes
        )

    def exchange(self, request: ClientRequest) -> TokenResponse:
        """Answer a token request (RFC 6749 3.2), in the order that every grant shares."""
        # 1. Which grant?
        grant_type = self._grant_types.get(request.required("grant_type"))
        if grant_type is None:
            raise OAuthError(ErrorCode.UNSUPPORTED_GRANT_TYPE, "this grant type is not offered")
        # 2. Which client, and is it really that one?
        client = authenticate(request, self.ports, self.limits)
        # 3. May this client use this grant?
        _permit(client, grant_type.name)
        # 4. The grant decides.
        return grant_type.exchange(request, client, self)

    def userinfo(self, authorization: str) -> dict[str, str]:
        """Return who an access token speaks for (OpenID Connect Core 5.3.2)."""
        claims = protected_resource.claims_of(authorization, "profile", self.ports, self.settings)
        account = self.ports.accounts.find(claims["sub"])
        if account is None or account.disabled:
            raise OAuthError(ErrorCode.INVALID_TOKEN, "the account is closed")
        return {
            "sub": account.subject,
            "preferred_username": account.username,
            "name": account.name,
        }

    def metadata(self) -> dict[str, Any]:
        """Return the metadata document (RFC 8414 2)."""
        return metadata(self.settings, self._grant_types)

    def jwks(self) -> Mapping[str, Any]:
        """Return the keys that verify our access tokens (RFC 7517 5)."""
        return self.ports.signer.jwks()

    def health(self) -> dict[str, str]:
        """Return what works. Raises StoreUnavailable; without the store nothing does."""
        self.ports.device_authorizations.count_live(self.ports.clock(), 1)
        whole = self.ports.waiting_room.healthy()
        return {
            "status": "ok" if whole else "degraded",
            "store": "ok",
            "waiting_room": "ok" if whole else "on this host only",
        }

    # What people ask

    def sign_in(
        self, username: str, password: str, address: str = ""
    ) -> str | user_interaction.Refused:
        """Return the identifier of a new session, or why there is none."""
        return sign_in.sign_in(username, password, address, self.ports, self.limits)

    def find_session(self, identifier: str) -> tuple[Session, Account] | None:
        """Return the living session of an identifier, and whose it is."""
        return sign_in.find_session(identifier, self.ports, self.settings)

    def sign_out(self, identifier: str) -> None:
        """End a session."""
        sign_in.sign_out(identifier, self.ports)

    def claim(
        self, typed: str, session: Session, address: str = ""
    ) -> str | user_interaction.Refused:
        """Open the device request of a typed user code; return its reference."""
        return user_interaction.claim(typed, session, address, self.ports, self.limits)

    def find_device_request(
        self, reference: str, session: Session
    ) -> user_interaction.DeviceRequest | None:
        """Return a device request that this session has opened, or None."""
        return user_interaction.find(reference, session, self.ports, self.settings)

    def approve(
        self, reference: str, session: Session
    ) -> user_interaction.DeviceRequest | user_interaction.Refused:
        """Approve a device request; return how it stands then."""
        return user_interaction.approve(reference, session, self.ports, self.settings, self.limits)

    def deny(
        self, reference: str, session: Session
    ) -> user_interaction.DeviceRequest | user_interaction.Refused:
        """Deny a device request; return how it stands then."""
        return user_interaction.deny(reference, session, self.ports, self.settings)

    def release(self, reference: str, session: Session) -> None:
        """Leave a device request to another account."""
        user_interaction.release(reference, session, self.ports)

    # What operators ask

    def register_account(self, username: str, name: str, password: str) -> Account:
        """Add a person. Raises RegistrationError."""
        return registration.register_account(username, name, password, self.ports)

    def register_client(
        self,
        client_id: str,
        name: str,
        grant_types: Sequence[str],
        scopes: Iterable[str],
        *,
        confidential: bool = False,
    ) -> tuple[Client, str | None]:
        """Add a client; return it and its secret, if it is to have one."""
        return registration.register_client(
            client_id, name, grant_types, scopes, confidential, self.ports, self.settings
        )


def _permit(client: Client, grant_type: str) -> None:
    if not client.may_use(grant_type):
        raise OAuthError(
            ErrorCode.UNAUTHORIZED_CLIENT, "the client is not registered for this grant type"
        )
