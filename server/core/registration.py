"""Adding clients and people (RFC 6749 2)."""

import re
from collections.abc import Collection
from typing import NamedTuple

from server.core import client_fields, origins, redirect_uris, resource_indicators, tokens
from server.core.ports import Ports
from server.core.records import Account, Client
from server.core.settings import Settings
from server.core.sign_in import LONGEST_PASSWORD, folded

SHORTEST_PASSWORD = 12  # characters; OWASP ASVS 6.2.1 asks for 8 and recommends 15
_LONGEST_NAME = 100  # characters
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")


class RegistrationError(Exception):
    """What was given cannot be registered. `hint` says what can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class ClientRegistration(NamedTuple):
    """A client as it is wanted. The fields are those of `Client`."""

    client_id: str
    name: str
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    confidential: bool = False  # with a secret, unless it has keys
    jwks: str | None = None
    redirect_uris: tuple[str, ...] = ()
    logout_redirect_uris: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    id_token_alg: str = "RS256"  # noqa: S105 - a name of an algorithm
    dpop_bound: bool = False
    pushed_only: bool = False
    password_until: float | None = None
    origins: tuple[str, ...] = ()
    return_code: bool = False


def register_account(
    username: str, name: str, password: str, ports: Ports, email: str | None = None
) -> Account:
    """Add a person. Raises RegistrationError."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise RegistrationError(
            f"the password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
            "a few random words are easy to type on a phone",
        )
    account = Account(
        subject=tokens.reference(ports.entropy),
        username=_username(folded(username)),
        name=_name(name.strip(), "name"),
        password_hash=ports.password_hasher.hash(password),
        created_at=ports.clock(),
        disabled=False,
        email=_email(email),
    )
    if not ports.accounts.add(account):
        raise RegistrationError(
            f"there is a user {account.username} already", "choose another name"
        )
    ports.audit("account_added", subject=account.subject)
    return account


def register_client(
    wanted: ClientRegistration, known_grants: Collection[str], ports: Ports, settings: Settings
) -> tuple[Client, str | None]:
    """Add a client; return it and, if it is to have one, its secret, shown only now.

    Raises RegistrationError.
    """
    if not _CLIENT_ID.fullmatch(wanted.client_id):
        raise RegistrationError(
            f"{wanted.client_id!r} cannot be a client_id",
            "use up to 100 of: letters digits . _ ~ -",
        )
    if ports.accounts.find(wanted.client_id):  # a token's `sub` must not mean two (RFC 9700 4.15)
        raise RegistrationError(f"{wanted.client_id} is a person here", "choose another --id")
    if wrong := client_fields.problem(
        wanted.grant_types, known_grants, wanted.id_token_alg, wanted.jwks
    ):
        raise RegistrationError(*wrong)
    _check_scopes(wanted, settings)
    _check_grants(wanted, settings)
    _check_end_of_passwords(wanted, ports.clock())
    _check_resources(wanted, settings)
    _check_origins(wanted, settings)
    for uri in (*wanted.redirect_uris, *wanted.logout_redirect_uris):
        if problem := redirect_uris.problem(uri):
            raise RegistrationError(f"cannot send anybody to {uri!r}", problem)
    secret = tokens.secret(ports.entropy) if wanted.confidential and not wanted.jwks else None
    client = Client(
        client_id=wanted.client_id,
        name=_name(wanted.name.strip(), "name"),
        secret_digest=tokens.digest(secret) if secret else None,
        grant_types=" ".join(wanted.grant_types),
        scope=" ".join(dict.fromkeys(wanted.scopes)),
        created_at=ports.clock(),
        jwks=wanted.jwks,
        redirect_uris=" ".join(wanted.redirect_uris),
        logout_redirect_uris=" ".join(wanted.logout_redirect_uris),
        serves=" ".join(wanted.serves),
        resources=" ".join(dict.fromkeys(wanted.resources)),
        id_token_alg=wanted.id_token_alg,
        dpop_bound=wanted.dpop_bound,
        pushed_only=wanted.pushed_only,
        password_until=wanted.password_until,
        origins=" ".join(dict.fromkeys(wanted.origins)),
        return_code=wanted.return_code,
    )
    if not ports.clients.add(client):
        raise RegistrationError(
            f"there is a client {client.client_id} already", "choose another --id"
        )
    ports.audit("client_added", client_id=client.client_id)
    return client, secret


def _check_scopes(wanted: ClientRegistration, settings: Settings) -> None:
    unknown = [scope for scope in wanted.scopes if scope not in settings.scopes]
    if unknown:
        raise RegistrationError(
            f"unknown scope: {unknown[0]}",
            f"known are {', '.join(settings.scopes)}; more are set by the key `scopes`",
        )


def _check_grants(wanted: ClientRegistration, settings: Settings) -> None:
    """Refuse what could never work, and what nobody should have by accident."""
    grants = wanted.grant_types
    browser = {"authorization_code", "implicit"}.intersection(grants)
    if browser and not wanted.redirect_uris:
        raise RegistrationError(
            "this grant needs a redirect URI", "give one with --redirect-uri https://…"
        )
    if "client_credentials" in grants and not (wanted.confidential or wanted.jwks):
        raise RegistrationError(
            "client credentials are for clients that can keep a secret", "add --confidential"
        )
    if "implicit" in grants and not settings.allow_implicit:
        raise RegistrationError(
            "the implicit grant is deprecated and off",
            "use --grant code; the key `allow_implicit` would allow it",
        )
    if "password" in grants and not settings.allow_password_grant:
        raise RegistrationError(
            "the password grant is discouraged and off",
            "use --grant device or code; the key `allow_password_grant` would allow it",
        )


def _check_end_of_passwords(wanted: ClientRegistration, now: float) -> None:
    """Ask for the day on which an application must have something better (RFC 9700 2.4)."""
    end = wanted.password_until
    if ("password" in wanted.grant_types) != (end is not None):
        raise RegistrationError(
            "the password grant and its last day belong together",
            "give both --grant password and --password-until, or neither",
        )
    if end is not None and end <= now:
        raise RegistrationError(
            "the last day of the password grant is over", "give a later --password-until"
        )


def _check_resources(wanted: ClientRegistration, settings: Settings) -> None:
    known = resource_indicators.known(settings)
    unknown = [
        resource for resource in (*wanted.serves, *wanted.resources) if resource not in known
    ]
    if unknown:
        raise RegistrationError(
            f"no token is for the API {unknown[0]!r}",
            f"known are {', '.join(known)}; more are set by the key `resources`",
        )


def _check_origins(wanted: ClientRegistration, settings: Settings) -> None:
    for origin in wanted.origins:
        if problem := origins.problem(origin, settings.issuer):
            raise RegistrationError(f"{origin!r} is no page's origin", problem)
    if wanted.origins and (wanted.confidential or wanted.jwks):
        raise RegistrationError(
            "a web page cannot keep a secret", "leave out --origin, or the secret and the keys"
        )


def _email(text: str | None) -> str | None:
    if text is not None and not (_EMAIL.fullmatch(text) and text.isprintable()):
        raise RegistrationError(f"{text!r} is not an email address", "for example ada@example.com")
    return text


def _username(text: str) -> str:
    if " " in _name(text, "username"):
        raise RegistrationError(
            f"the username must have no white space: {text!r}",
            "a phone may add some; a name with spaces is for --name",
        )
    return text


def _name(text: str, what: str) -> str:
    if not text or len(text) > _LONGEST_NAME or not text.isprintable():
        raise RegistrationError(
            f"the {what} must have 1 to {_LONGEST_NAME} printable characters", f"got {text!r}"
        )
    return text
