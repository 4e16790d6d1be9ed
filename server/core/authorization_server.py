"""The facade: what endpoints, pages and commands can ask of the protocol."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from server.core import (
    authorization,
    device_authorization,
    dpop,
    introspection,
    logout,
    origins,
    protected_resource,
    pushed_authorization,
    registration,
    revocation,
    sign_in,
    user_interaction,
)
from server.core.authorization_request import AuthorizationRequest
from server.core.client_auth import authenticate
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError, TooMany
from server.core.limits import Limits, network
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
        request, client = self._proven(request)
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
        # 3. Which key does it prove, if any?
        request, client = self._proven(request)
        if client.dpop_bound and request.key is None:
            raise OAuthError(ErrorCode.INVALID_DPOP_PROOF, "this client must send a DPoP proof")
        # 4. May this client use this grant?
        _permit(client, grant_type.name)
        # 5. The grant decides.
        return grant_type.exchange(request, client, self)

    def push_authorization(self, request: ClientRequest) -> dict[str, Any]:
        """Answer a pushed authorization request (RFC 9126 2)."""
        request, client = self._proven(request)
        return pushed_authorization.push(request, client, self.ports, self.settings, self.limits)

    def revoke(self, request: ClientRequest) -> None:
        """Carry out a revocation request (RFC 7009 2.1)."""
        client = authenticate(request, self.ports, self.limits, self.settings)
        revocation.revoke(request, client, self.ports)

    def introspect(self, request: ClientRequest) -> dict[str, Any]:
        """Answer an introspection request (RFC 7662 2)."""
        client = authenticate(request, self.ports, self.limits, self.settings)
        return introspection.introspect(request, client, self.ports, self.settings)

    def userinfo(self, request: protected_resource.ResourceRequest) -> dict[str, str]:
        """Return who an access token speaks for (OpenID Connect Core 5.3.2)."""
        return protected_resource.userinfo(request, self.ports, self.settings)

    def metadata(self) -> dict[str, Any]:
        """Return the metadata document (RFC 8414 2)."""
        return metadata(self.settings, self._grant_types, self.ports.jwt_reader.algorithms)

    def jwks(self) -> Mapping[str, Any]:
        """Return the keys that verify our access tokens (RFC 7517 5)."""
        return self.ports.signer.jwks()

    def may_read(self, origin: str, client_id: str | None = None) -> bool:
        """Tell whether a page of that origin may read what a client, or any, is answered."""
        return origins.may_read(origin, client_id, self.ports)

    def health(self) -> dict[str, str]:
        """Return what works. Raises StoreUnavailable; without the store nothing does."""
        self.ports.device_authorizations.count_live(self.ports.clock(), 1)
        whole = self.ports.waiting_room.healthy()
        return {
            "status": "ok" if whole else "degraded",
            "store": "ok",
            "waiting_room": "ok" if whole else "on this host only",
        }

    # What apps ask by way of the browser, and people answer

    def read_authorization(
        self, parameters: Sequence[tuple[str, str]]
    ) -> AuthorizationRequest | authorization.Redirect:
        """Check an authorization request (RFC 6749 4.1.1).

        Raises OAuthError for what a person must see and nobody may be sent anywhere with.
        """
        return authorization.read(parameters, self.ports, self.settings)

    def next_step(
        self,
        request: AuthorizationRequest,
        session: Session | None,
        *,
        may_be_silent: bool = True,
    ) -> authorization.Consent | authorization.SignInNeeded | authorization.Redirect:
        """Return what the person is to do about it: nothing, only if it may be answered so."""
        return authorization.next_step(
            request, session, self.ports, self.settings, may_be_silent=may_be_silent
        )

    def answer_authorization(
        self, request: AuthorizationRequest, session: Session, approved: bool
    ) -> authorization.Redirect:
        """Carry out what the person decided."""
        return authorization.answer(request, session, approved, self.ports, self.settings)

    def read_logout(self, parameters: Mapping[str, str]) -> logout.Logout:
        """Return what an app that wants the person signed out asks for."""
        return logout.read(parameters, self.ports)

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

    def withdraw(
        self, reference: str, session: Session
    ) -> user_interaction.DeviceRequest | user_interaction.Refused:
        """Take an approval back that waits for its return code; return how it stands then."""
        return user_interaction.withdraw(reference, session, self.ports, self.settings)

    def release(self, reference: str, session: Session) -> None:
        """Leave a device request to another account."""
        user_interaction.release(reference, session, self.ports)

    # What operators ask

    def register_account(
        self, username: str, name: str, password: str, email: str | None = None
    ) -> Account:
        """Add a person. Raises RegistrationError."""
        return registration.register_account(username, name, password, self.ports, email)

    def register_client(
        self,
        client_id: str,
        name: str,
        grant_types: Sequence[str],
        scopes: Iterable[str],
        *,
        confidential: bool = False,
        **more: Any,
    ) -> tuple[Client, str | None]:
        """Add a client; return it and its secret, if it is to have one.

        `more` are further fields of `Client`: jwks, redirect_uris, serves and so on.
        """
        wanted = registration.ClientRegistration(
            client_id, name, tuple(grant_types), tuple(scopes), confidential, **more
        )
        # These two are known though they may be off: what to say of them is another thing.
        known = {*self._grant_types, "implicit", "password"}
        return registration.register_client(wanted, known, self.ports, self.settings)

    def _proven(self, request: ClientRequest) -> tuple[ClientRequest, Client]:
        """Return who asks, with the key that a DPoP proof of theirs proves (RFC 9449 5)."""
        client = authenticate(request, self.ports, self.limits, self.settings)
        if request.dpop is not None:
            household = network(request.address)
            if not self.ports.quick_counters.count(self.limits.proofs, household):
                raise TooMany("too many DPoP proofs", self.limits.proofs.seconds)
            key = dpop.proven_key(request.dpop, "POST", request.path, self.ports, self.settings)
            return request._replace(key=key), client
        return request, client


def _permit(client: Client, grant_type: str) -> None:
    if not client.may_use(grant_type):
        raise OAuthError(
            ErrorCode.UNAUTHORIZED_CLIENT, "the client is not registered for this grant type"
        )
