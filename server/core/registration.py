"""Adding clients and people (RFC 6749 2)."""

import re
from collections.abc import Iterable, Sequence

from server.core import tokens
from server.core.ports import Ports
from server.core.records import Account, Client
from server.core.settings import Settings
from server.core.sign_in import LONGEST_PASSWORD, folded

SHORTEST_PASSWORD = 12  # characters; OWASP ASVS 6.2.1 asks for 8 and recommends 15
_LONGEST_NAME = 100  # characters
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")


class RegistrationError(Exception):
    """What was given cannot be registered. `hint` says what can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def register_account(username: str, name: str, password: str, ports: Ports) -> Account:
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
    )
    if not ports.accounts.add(account):
        raise RegistrationError(
            f"there is a user {account.username} already", "choose another name"
        )
    ports.audit("account_added", subject=account.subject)
    return account


def register_client(
    client_id: str,
    name: str,
    grant_types: Sequence[str],
    scopes: Iterable[str],
    confidential: bool,
    ports: Ports,
    settings: Settings,
) -> tuple[Client, str | None]:
    """Add a client; return it and, if it is confidential, its secret, shown only now.

    Raises RegistrationError.
    """
    if not _CLIENT_ID.fullmatch(client_id):
        raise RegistrationError(
            f"{client_id!r} cannot be a client_id", "use up to 100 of: letters digits . _ ~ -"
        )
    wanted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in wanted if scope not in settings.scopes]
    if unknown:
        raise RegistrationError(
            f"unknown scope: {unknown[0]}",
            f"known are {', '.join(settings.scopes)}; more are set by the key `scopes`",
        )
    secret = tokens.secret(ports.entropy) if confidential else None
    client = Client(
        client_id=client_id,
        name=_name(name.strip(), "name"),
        secret_digest=tokens.digest(secret) if secret else None,
        grant_types=" ".join(grant_types),
        scope=" ".join(wanted),
        created_at=ports.clock(),
    )
    if not ports.clients.add(client):
        raise RegistrationError(f"there is a client {client_id} already", "choose another --id")
    ports.audit("client_added", client_id=client_id)
    return client, secret


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
