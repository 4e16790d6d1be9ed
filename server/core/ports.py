"""What the core asks of the world, in small roles.

`server.storage`, `server.waiting_room` and `server.signing` play them; `server.app` casts them.
Stores raise `StoreUnavailable` when they cannot answer; nothing else of theirs reaches the core.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from server.core.limits import Limit
from server.core.records import (
    Account,
    AuthorizationCode,
    Client,
    DeviceAuthorization,
    Grant,
    PushedRequest,
    QRSymbol,
    RefreshToken,
    SealedKey,
    Session,
    Standing,
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

    def origins(self) -> frozenset[str]:
        """Return every origin that any client lists."""


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
        """Keep a new session."""

    def find(self, digest: bytes) -> Session | None:
        """Return the session of that digest."""

    def touch(self, digest: bytes, seen_at: float) -> None:
        """Note the time of the last visit."""

    def remove(self, digest: bytes) -> None:
        """End a session; ending an unknown one is nothing."""


class DeviceAuthorizations(Protocol):
    """Device authorizations, found by either of their codes."""

    def add(self, authorization: DeviceAuthorization) -> bool:
        """Keep a new one; False when one of its codes is taken."""

    def standing(self, device_code_digest: bytes) -> Standing | None:
        """Return how the one with that device code stands. The poll's path: must be fast."""

    def find_by_device_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that device code."""

    def find_by_user_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that user code."""

    def swap(self, old: DeviceAuthorization, new: DeviceAuthorization) -> bool:
        """Replace `old` by `new` unless someone else changed it first; False then."""

    def redeem(
        self,
        old: DeviceAuthorization,
        new: DeviceAuthorization,
        grant: Grant,
        refresh_token: RefreshToken | None,
    ) -> bool:
        """Swap, insert what the redemption issues, and end the grant that `old` names, as one.

        An old one names a grant when this is a repeated redemption, whose first answer was lost.
        """

    def count_live(self, now: float, at_most: int) -> int:
        """Return how many have not expired, counting no further than `at_most`."""


class Grants(Protocol):
    """Grants and their refresh tokens."""

    def add(self, grant: Grant, refresh_token: RefreshToken | None) -> None:
        """Keep a new grant and the refresh token that it earns."""

    def living(self, subject: str, client_id: str) -> Sequence[Grant]:
        """Return the grants of a person to a client that were not revoked."""

    def find(self, grant_id: str) -> Grant | None:
        """Return the grant of that id."""

    def find_refresh_token(self, digest: bytes) -> RefreshToken | None:
        """Return the refresh token of that digest, spent ones included."""

    def rotate(self, old: Grant, new: Grant, refresh_token: RefreshToken) -> bool:
        """Swap the grant and keep its new refresh token, as one."""

    def revoke(self, grant_id: str, revoked_at: float) -> None:
        """End a grant and all that belongs to it."""


class AuthorizationCodes(Protocol):
    """Authorization codes, by their digest."""

    def add(self, code: AuthorizationCode) -> None:
        """Keep a new one."""

    def find(self, digest: bytes) -> AuthorizationCode | None:
        """Return the one of that digest, used or not."""

    def exchange(
        self, code: AuthorizationCode, grant: Grant, refresh_token: RefreshToken | None
    ) -> bool:
        """Mark a code as used and insert what it earns, as one; False when it was used before."""


class PushedRequests(Protocol):
    """Authorization requests that were sent ahead, by the digest of their URI."""

    def add(self, request: PushedRequest) -> None:
        """Keep a new one."""

    def find(self, digest: bytes) -> PushedRequest | None:
        """Return the one of that digest."""

    def remove(self, digest: bytes) -> bool:
        """Use one up; False when it was not there (any more)."""


class Marks(Protocol):
    """Identifiers that were seen: what may be used once only, or must not be used any more."""

    def mark(self, identifier: str, until: float) -> bool:
        """Keep it until then; False when it was there already."""

    def marked(self, identifier: str) -> bool:
        """Tell whether it is there."""


class Clock(Protocol):
    """Where `now` comes from."""

    def __call__(self) -> float:
        """Return seconds since the epoch, UTC."""


class Entropy(Protocol):
    """Where secrets come from."""

    def __call__(self, count: int, /) -> bytes:
        """Return `count` bytes fit for keys."""


class SigningKeyStore(Protocol):
    """Keeps sealed signing keys."""

    def all(self) -> Sequence[SealedKey]:
        """Return every key, oldest first."""

    def add(self, make: Callable[[Sequence[SealedKey]], Sequence[SealedKey]]) -> None:
        """Keep keys that are made in sight of those that are there, with nobody else at it."""

    def remove(self, kids: Sequence[str]) -> None:
        """Forget keys."""


class Signer(Protocol):
    """Signs tokens and publishes the keys that verify them."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a signed access token (RFC 9068) with these claims."""

    def sign_id_token(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """Return a signed ID token (OpenID Connect Core 2) with these claims."""

    def verify(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an access token that we signed, or None. Times are not checked."""

    def verify_id_token(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an ID token that we signed, or None. Times are not checked."""

    def jwks(self) -> Mapping[str, Any]:
        """Return the public keys as a JWK set (RFC 7517 5)."""


class JWTReader(Protocol):
    """Reads tokens that others signed: checks signatures, and leaves claims to the core."""

    algorithms: Sequence[str]  # that it knows, in the words of RFC 7518 3.1

    def read(self, token: str, jwks: str) -> Mapping[str, Any] | None:
        """Return the claims of a token that one of these keys (RFC 7517 5) signed, or None."""

    def read_proof(self, token: str) -> tuple[Mapping[str, Any], str] | None:
        """Return a DPoP proof's claims and its key's thumbprint (RFC 9449 4, RFC 7638), or None."""


class PasswordHasher(Protocol):
    """Keeps passwords slow to guess."""

    def hash(self, password: str) -> str:
        """Return a salted hash."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password; None takes the same time and says no."""


class Place(Protocol):
    """A held poll's place in the waiting room."""

    def wait(self, seconds: float) -> bool:
        """Sleep until woken (True) or until the time is up (False)."""


class WaitingRoom(Protocol):
    """Where devices wait. Losing all it knows loses nothing but pace and promptness."""

    def poll(self, device_code_digest: bytes, interval: int, now: float) -> int | None:
        """Note a poll; return None when it came in time, else the new interval to keep."""

    def place(
        self, device_code_digest: bytes, client_id: str
    ) -> AbstractContextManager[Place | None]:
        """Hold a place for one poll until the block ends; None when there is none left."""

    def wake(self, device_code_digest: bytes) -> None:
        """Wake whoever waits for this code, on every process and node."""

    def healthy(self) -> bool:
        """Tell whether all of it works; devices are served either way."""

    def close(self) -> None:
        """Let go of what is open."""


class Counters(Protocol):
    """Counts what must not happen too often, each limit by a key of its own."""

    def spent(self, limit: Limit, key: str) -> bool:
        """Tell whether nothing is left."""

    def count(self, limit: Limit, key: str) -> bool:
        """Count one more; False when that is over the limit."""

    def refund(self, limit: Limit, key: str) -> None:
        """Take one back that turned out not to count."""


class QRMaker(Protocol):
    """Draws QR symbols."""

    def __call__(self, text: str, /) -> QRSymbol:
        """Return the smallest symbol of level L (ISO/IEC 18004)."""


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
    authorization_codes: AuthorizationCodes
    pushed_requests: PushedRequests
    marks: Marks
    waiting_room: WaitingRoom
    kept_counters: Counters  # shared by all processes and kept: wrong codes and passwords
    quick_counters: Counters  # of this process: must be cheap, may be forgotten
    signer: Signer
    jwt_reader: JWTReader
    nonce_key: bytes  # of DPoP nonces: secret, and the same in all processes
    password_hasher: PasswordHasher
    user_codes: UserCodes
    qr_maker: QRMaker
    clock: Clock
    entropy: Entropy
    audit: Audit
