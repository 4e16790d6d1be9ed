"""What the protocol can be told: lifetimes, pace, codes and scopes.

`server.config.Config` adds what the process needs (database, address, files) and documents every
key from the same metadata.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def setting(default: Any, doc: str, *, secret: bool = False) -> Any:
    """Declare a configuration key: its default and the sentence that documents it."""
    metadata = {"doc": doc}
    if isinstance(default, Mapping):
        make: Callable[[], dict[str, str]] = lambda: dict(default)  # noqa: E731
        return field(default_factory=make, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Protocol settings. Times are whole seconds."""

    issuer: str = setting(
        "http://localhost:8628",
        "The address people and devices reach this server at. Every URL the server sends starts "
        "with it, whatever the request's Host header says. It must be https unless the host is "
        "this machine. Not set, it is http://localhost with the `port`.",
    )
    audience: str = setting(
        "",
        "The `aud` of access tokens: the API they are meant for. Empty means the issuer itself.",
    )
    resources: str = setting(
        "",
        "Further APIs that clients may ask tokens for by `resource` (RFC 8707): absolute URIs with "
        "spaces between.",
    )
    device_code_lifetime: int = setting(
        600, "How long a device code and its user code can be used, in seconds."
    )
    poll_interval: int = setting(
        5, "The least time between two polls of a device, in seconds; announced and enforced."
    )
    user_code_length: int = setting(
        8, "Letters in a user code, drawn from 20 that are hard to confuse."
    )
    user_code_misses_per_account: int = setting(
        5,
        "Wrong user codes one account may enter within a device code's lifetime. Right ones do not "
        "count.",
    )
    user_code_misses_per_address: int = setting(
        20,
        "Wrong user codes from one address (IPv4, or IPv6 network of 64 bits) within a device "
        "code's lifetime. A household shares it; right codes do not count.",
    )
    user_code_misses: int = setting(
        200,
        "Wrong user codes from everybody within a device code's lifetime. Past it new codes get "
        "longer; past ten times as many nobody can enter a code until the lifetime is over.",
    )
    allow_weak_user_codes: bool = setting(
        False,
        "Start even if one account has a better chance than 1 in 2^32 to guess a given code within "
        "its lifetime (RFC 8628 5.1).",
    )
    starts_per_address: int = setting(
        100,
        "Device authorizations one address may ask for within a device code's lifetime, and as "
        "many authorization requests it may push in ten minutes.",
    )
    starts_per_client: int = setting(
        20_000, "Device authorizations one client may ask for within a device code's lifetime."
    )
    live_device_authorizations: int = setting(
        100_000, "Device authorizations that may live at once, in all."
    )
    approvals_per_day: int = setting(10, "Devices that one account may approve in a day.")
    authorization_code_lifetime: int = setting(
        60, "How long an authorization code can be exchanged, in seconds."
    )
    allow_implicit: bool = setting(
        False,
        "Let clients that are registered for it use the implicit grant. It is deprecated: tokens "
        "travel in addresses. Use the authorization code with PKCE (RFC 9700 2.1.2).",
    )
    allow_password_grant: bool = setting(
        False,
        "Let clients that are registered for it take people's passwords (RFC 6749 4.3). It must "
        "not be used by anything new (RFC 9700 2.4).",
    )
    signing_key_lifetime: int = setting(
        90 * 86400,
        "How long a key signs before a new one takes over, in seconds. The old one stays published "
        "until all it signed has expired.",
    )
    access_token_lifetime: int = setting(3600, "How long an access token is valid, in seconds.")
    refresh_token_idle_lifetime: int = setting(
        30 * 86400, "A refresh token not used for this long dies, in seconds."
    )
    grant_lifetime: int = setting(
        365 * 86400,
        "After this long a device must ask its person again, however often it refreshed, in "
        "seconds.",
    )
    session_idle_lifetime: int = setting(
        1800, "A person's sign-in at the portal ends after this long without a visit, in seconds."
    )
    session_lifetime: int = setting(
        12 * 3600, "A person's sign-in at the portal ends after this long anyway, in seconds."
    )
    scopes: Mapping[str, str] = setting(
        {
            "openid": "Know that it is you",
            "profile": "See your name and username",
            "email": "See your email address",
        },
        "Every scope a client may be registered for, with the plain words that the confirm page "
        "shows for it.",
    )

    def url(self, path: str) -> str:
        """Return the absolute URL of a path of this server."""
        return self.issuer.rstrip("/") + path
