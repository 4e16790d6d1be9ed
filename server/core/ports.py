"""What the core asks of the world, in small roles.

`server.storage`, `server.waiting_room` and `server.signing` play them; `server.app` casts them.
Stores raise `StoreUnavailable` when they cannot answer; nothing else of theirs reaches the core.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from server.core.records import (
    Account,
    Client,
    DeviceAuthorization,
    Grant,
    RefreshToken,
    Session,
)
from server.core.user_code import UserCodes


class StoreUnavailable(Exception):
    """A store cannot answer now. Never a refusal: the client is told to come again (503)."""


class Clients(Protocol):
    """Registered clients."""

    def add(self, client: Client) -> bool:
        """Add a client; False when its client_id is taken."""

    def find(self, client_id: str) -> Client | None:
        """Return the client of that id."""


class Accounts(Protocol):
    """People."""

    def add(self, account: Account) -> bool:
        """Add an account; False when its username is taken."""

    def find(self, subject: str) -> Account | None:
        """Return the account of that subject."""

    def find_by_username(self, username: str) -> Account | None:
        """Return the account of that username, whatever its case."""


class Sessions(Protocol):
    """Sign-ins at the portal."""

    def add(self, session: Session) -> None:
        """Keep a new session, and drop those past their lifetimes."""

    def find(self, digest: bytes) -> Session | None:
        """Return the session of that digest."""

    def touch(self, digest: bytes, seen_at: float) -> None:
        """Note the time of the last visit."""

    def remove(self, digest: bytes) -> None:
        """End a session; ending an unknown one is nothing."""


class DeviceAuthorizations(Protocol):
    """Device authorizations, found by any of their three names."""

    def add(self, authorization: DeviceAuthorization) -> bool:
        """Keep a new one; False when one of its codes is taken."""

    def find_by_device_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that device code. The poll's path: must be fast, must not write."""

    def find_by_user_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that user code."""

    def find_by_reference(self, reference: str) -> DeviceAuthorization | None:
        """Return the one that a portal URL names."""

    def swap(self, old: DeviceAuthorization, new: DeviceAuthorization) -> bool:
        """Replace `old` by `new` unless someone else changed it first; False then."""

    def redeem(
        self,
        old: DeviceAuthorization,
        new: DeviceAuthorization,
        grant: Grant,
        refresh_token: RefreshToken | None,
    ) -> bool:
        """Swap and insert what the redemption issues, in one transaction."""


class Grants(Protocol):
    """Grants and their refresh tokens."""

    def find(self, grant_id: str) -> Grant | None:
        """Return the grant of that id."""

    def find_refresh_token(self, digest: bytes) -> RefreshToken | None:
        """Return the refresh token of that digest, spent ones included."""

    def rotate(self, old: Grant, new: Grant, refresh_token: RefreshToken) -> bool:
        """Swap the grant and make `refresh_token` its only unused successor, as one."""

    def revoke(self, grant_id: str, revoked_at: float) -> None:
        """End a grant and all that belongs to it."""


class Clock(Protocol):
    """Where `now` comes from."""

    def __call__(self) -> float:
        """Return seconds since the epoch, UTC."""


class Entropy(Protocol):
    """Where secrets come from."""

    def __call__(self, count: int, /) -> bytes:
        """Return `count` bytes fit for keys."""


class Signer(Protocol):
    """Signs access tokens and publishes the keys that verify them."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a signed access token (RFC 9068) with these claims."""

    def verify(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an access token that we signed, or None. Times are not checked."""

    def jwks(self) -> Mapping[str, Any]:
        """Return the public keys as a JWK set (RFC 7517 5)."""


class PasswordHasher(Protocol):
    """Keeps passwords slow to guess."""

    def hash(self, password: str) -> str:
        """Return a salted hash."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password; None takes the same time and says no."""


class WaitingRoom(Protocol):
    """Where devices wait. Losing all it knows loses nothing but pace."""

    def poll(self, device_code_digest: bytes, interval: int, now: float) -> int | None:
        """Note a poll; return None when it came in time, else the new interval to keep."""


class Audit(Protocol):
    """Writes down what happened. Never given a secret."""

    def __call__(self, event: str, **facts: str | None) -> None:
        """Record an event with its facts."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All roles, cast."""

    clients: Clients
    accounts: Accounts
    sessions: Sessions
    device_authorizations: DeviceAuthorizations
    grants: Grants
    waiting_room: WaitingRoom
    signer: Signer
    password_hasher: PasswordHasher
    user_codes: UserCodes
    clock: Clock
    entropy: Entropy
    audit: Audit
