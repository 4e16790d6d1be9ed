"""People and their sign-ins at the portal: accounts, passwords, server-side sessions."""

import unicodedata

from server.core import tokens
from server.core.limits import Limits, give_back, network, take
from server.core.ports import Ports
from server.core.records import Account, Session
from server.core.settings import Settings
from server.core.user_interaction import Refused

LONGEST_PASSWORD = 1000  # characters; bounds the work a stranger can ask for
_TOUCH_EVERY = 60  # seconds; a visit is noted at most this often


def folded(username: str) -> str:
    """Return the one spelling under which a username is kept and found."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def sign_in(
    username: str, password: str, address: str, ports: Ports, limits: Limits
) -> str | Refused:
    """Start a session and return its identifier, for the cookie alone."""
    account = prove(username, password, address, ports, limits)
    if isinstance(account, Refused):
        return account
    identifier = tokens.secret(ports.entropy)
    now = ports.clock()
    ports.sessions.add(Session(tokens.digest(identifier), account.subject, now, now))
    ports.audit("signed_in", subject=account.subject)
    return identifier


def prove(
    username: str, password: str, address: str, ports: Ports, limits: Limits
) -> Account | Refused:
    """Return whose name and password these are.

    An unknown name, a wrong password and a disabled account read the same and take the same time.
    """
    username = folded(username)
    tries = (
        (limits.passwords_of_address, network(address)),
        (limits.passwords_here, f"{username} {network(address)}"),
        (limits.passwords_of_account, username),
    )
    # Counted first and taken back on success, so that tries side by side cannot outrun a limit.
    if not take(ports.kept_counters, tries):
        ports.audit("sign_in_limited", address=address)
        return Refused.TOO_MANY
    account = ports.accounts.find_by_username(username)
    known = account is not None and not account.disabled
    password_hash = account.password_hash if account and known else None
    if len(password) > LONGEST_PASSWORD:
        password_hash = None  # nobody has one that long; a part of it must not do
    right = ports.password_hasher.verify(password_hash, password[:LONGEST_PASSWORD])
    if account is None or not right:
        ports.audit("sign_in_refused", address=address)
        return Refused.NOT_FOUND
    give_back(ports.kept_counters, tries)
    return account


def find_session(
    identifier: str, ports: Ports, settings: Settings
) -> tuple[Session, Account] | None:
    """Return the living session behind a cookie, and whose it is."""
    session = ports.sessions.find(tokens.digest(identifier))
    if session is None:
        return None
    now = ports.clock()
    idle = now - session.seen_at > settings.session_idle_lifetime
    old = now - session.created_at > settings.session_lifetime
    account = ports.accounts.find(session.subject)
    if idle or old or account is None or account.disabled:
        ports.sessions.remove(session.digest)
        return None
    if now - session.seen_at > _TOUCH_EVERY:
        ports.sessions.touch(session.digest, now)
    return session, account


def sign_out(identifier: str, ports: Ports) -> None:
    """End a session on the server, whatever becomes of the cookie."""
    ports.sessions.remove(tokens.digest(identifier))
