"""What the server remembers.

Records are immutable tuples: a change is a new record that a store swaps in. Times are seconds
since the epoch in UTC, `scope` is the space-separated form of RFC 6749 3.3, and a `digest` is the
SHA-256 of a secret that the server itself does not keep.
"""

from typing import NamedTuple

from server.core.states import State


class Client(NamedTuple):
    """An application that may ask for tokens (RFC 6749 2)."""

    client_id: str
    name: str
    secret_digest: bytes | None
    grant_types: str  # space-separated
    scope: str
    created_at: float
    jwks: str | None = None  # public keys (RFC 7517 5), for private_key_jwt in place of a secret
    redirect_uris: str = ""  # space-separated
    logout_redirect_uris: str = ""  # space-separated
    serves: str = ""  # space-separated resources (RFC 8707) whose tokens it may introspect
    resources: str = ""  # space-separated; what it may ask for beside the default and the issuer
    id_token_alg: str = "RS256"  # noqa: S105 - what its ID tokens are signed with (RFC 7518 3.1)
    dpop_bound: bool = False  # is given no token without a DPoP proof (RFC 9449 5.2)
    pushed_only: bool = False  # must push its authorization requests (RFC 9126 6)
    password_until: float | None = None  # when its permission for the password grant ends
    origins: str = ""  # space-separated; the web pages that may read what it is answered
    return_code: bool = False  # its devices complete an approval by a number (RFC 10027 6.1.16)

    @property
    def confidential(self) -> bool:
        """Tell whether the client can prove that it is itself (RFC 6749 2.1)."""
        return self.secret_digest is not None or self.jwks is not None

    def may_use(self, grant_type: str) -> bool:
        """Tell whether the client is registered for a grant type."""
        return grant_type in self.grant_types.split(" ")


class Account(NamedTuple):
    """A person who can sign in at the portal."""

    subject: str  # the `sub` of tokens; never reused and says nothing about the person
    username: str
    name: str
    password_hash: str
    created_at: float
    disabled: bool
    email: str | None = None


class Session(NamedTuple):
    """A person's sign-in in one browser. Its identifier is in the cookie, its digest here."""

    digest: bytes
    subject: str
    created_at: float
    seen_at: float


class DeviceAuthorization(NamedTuple):
    """One device's request to be signed in, from issue to redemption (RFC 8628 3.1-3.5)."""

    device_code_digest: bytes
    user_code_digest: bytes  # keyed: the code is too short for a plain digest
    user_code_length: int
    client_id: str
    scope: str
    code_challenge: str | None  # S256, when the device sent one
    address: str  # where the request came from, as the server saw it
    user_agent: str  # what the device says it is; untrusted text
    device_name: str  # what the device says it is called; untrusted text
    interval: int
    issued_at: float
    expires_at: float
    state: State = State.PENDING
    version: int = 0
    subject: str | None = None  # who claimed it
    session_digest: bytes | None = None  # in which browser
    decided_at: float | None = None
    redeemed_at: float | None = None
    grant_id: str | None = None
    authenticated_at: float | None = None  # when who claimed it had signed in
    resource: str = ""  # space-separated (RFC 8707); none: the default audience
    dpop_key: str | None = None  # thumbprint of the key that its polls must prove (RFC 9449)


class Standing(NamedTuple):
    """What a poll asks first of a device authorization: is it this client's, and decided?"""

    client_id: str
    code_challenge: str | None
    interval: int
    expires_at: float
    state: State
    decided_at: float | None
    dpop_key: str | None


class QRSymbol(NamedTuple):
    """A QR symbol without its quiet zone."""

    size: int  # modules on a side
    rows: bytes  # top to bottom; each row in whole bytes, its leftmost module the highest bit


class Grant(NamedTuple):
    """What an approval leaves behind: one client, one subject, one scope.

    Tokens belong to a grant. Its refresh tokens are numbered as they are issued. Two are good: the
    `current` one, which was used last, and the last `issued` one, which was not used yet.
    """

    grant_id: str
    client_id: str
    subject: str
    scope: str
    created_at: float
    current: int = 0
    issued: int = 1
    version: int = 0
    revoked_at: float | None = None
    resource: str = ""  # space-separated (RFC 8707); none: the default audience
    dpop_key: str | None = None  # thumbprint of the key its refresh tokens are bound to (RFC 9449)
    authenticated_at: float | None = None  # when the person had signed in (OpenID Connect Core 2)


class RefreshToken(NamedTuple):
    """An opaque refresh token, by its digest."""

    digest: bytes
    grant_id: str
    number: int
    expires_at: float


class AuthorizationCode(NamedTuple):
    """An authorization code and what it stands for (RFC 6749 4.1), by its digest."""

    digest: bytes
    client_id: str
    subject: str
    scope: str
    redirect_uri: str
    code_challenge: str | None  # S256
    nonce: str | None  # for the ID token (OpenID Connect Core 3.1.2.1)
    authenticated_at: float
    expires_at: float
    resource: str = ""
    dpop_key: str | None = None
    grant_id: str | None = None  # what it was exchanged for


class PushedRequest(NamedTuple):
    """An authorization request that its client sent ahead (RFC 9126), by its URI's digest."""

    digest: bytes
    client_id: str
    parameters: str  # JSON object of texts
    expires_at: float


class SealedKey(NamedTuple):
    """A private signing key, encrypted: the store alone must not be enough to sign."""

    kid: str
    algorithm: str
    sealed: str
    created_at: float
