"""Every backend in turn, behind the roles that the core asks for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from server.core.records import Account, Client, DeviceAuthorization, Grant, RefreshToken, Session
from server.storage.accounts import SQLAccounts
from server.storage.clients import SQLClients
from server.storage.database import Database
from server.storage.device_authorizations import SQLDeviceAuthorizations
from server.storage.grants import SQLGrants
from server.storage.sessions import SQLSessions
from server.storage.signing_keys import SQLSigningKeys

NOW = 1_800_000_000.0
IDLE_LIFETIME = 1800

ADA = Account("subject of ada", "ada", "Ada", "a hash", NOW, disabled=False)
TV = Client("tv", "The TV", None, "device", "profile", NOW)
SESSION = Session(b"s" * 32, ADA.subject, NOW, NOW)
PENDING = DeviceAuthorization(
    device_code_digest=b"d" * 32,
    user_code_digest=b"u" * 32,
    user_code_length=8,
    reference="reference",
    client_id=TV.client_id,
    scope="profile",
    code_challenge=None,
    address="203.0.113.9",
    user_agent="Cinema/4.2",
    interval=5,
    issued_at=NOW,
    expires_at=NOW + 600,
)
GRANT = Grant("grant", TV.client_id, ADA.subject, "profile", NOW)
REFRESH_TOKEN = RefreshToken(b"r" * 32, GRANT.grant_id, 1, NOW + 1000)


class Stores(NamedTuple):
    """Every role over one database."""

    database: Database
    accounts: SQLAccounts
    clients: SQLClients
    sessions: SQLSessions
    device_authorizations: SQLDeviceAuthorizations
    grants: SQLGrants
    signing_keys: SQLSigningKeys


def roles(database: Database) -> Stores:
    """Cast every role over a database."""
    return Stores(
        database,
        SQLAccounts(database),
        SQLClients(database),
        SQLSessions(database, IDLE_LIFETIME),
        SQLDeviceAuthorizations(database),
        SQLGrants(database),
        SQLSigningKeys(database),
    )


# A backend: from a directory of its own to an empty database with today's tables.
_BACKENDS: dict[str, Callable[[Path], Database]] = {
    "sqlite": lambda directory: Database(f"sqlite:///{directory}/pairlight.db"),
}


@pytest.fixture(params=_BACKENDS)
def stores(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Give every role, on each backend in turn."""
    database = _BACKENDS[request.param](tmp_path)
    database.migrate()
    yield roles(database)
    database.close()
