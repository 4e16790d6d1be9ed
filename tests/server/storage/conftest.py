"""Every backend in turn, behind the roles that the core asks for."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from server.core.records import (
    Account,
    AuthorizationCode,
    Client,
    DeviceAuthorization,
    Grant,
    PushedRequest,
    RefreshToken,
    Session,
)
from server.storage.accounts import SQLAccounts
from server.storage.authorization_codes import SQLAuthorizationCodes
from server.storage.clients import SQLClients
from server.storage.database import Database, open_database
from server.storage.device_authorizations import SQLDeviceAuthorizations
from server.storage.grants import SQLGrants
from server.storage.pushed_requests import SQLPushedRequests
from server.storage.schema import metadata
from server.storage.sessions import SQLSessions
from server.storage.signing_keys import SQLSigningKeys
from tests.server.storage.running_postgresql import RunningPostgreSQL

NOW = 1_800_000_000.0
IDLE_LIFETIME = 1800

ADA = Account("subject of ada", "ada", "Ada", "a hash", NOW, disabled=False)
TV = Client("tv", "The TV", None, "device", "profile", NOW)
SESSION = Session(b"s" * 32, ADA.subject, NOW, NOW)
PENDING = DeviceAuthorization(
    device_code_digest=b"d" * 32,
    user_code_digest=b"u" * 32,
    user_code_length=8,
    client_id=TV.client_id,
    scope="profile",
    code_challenge=None,
    address="203.0.113.9",
    user_agent="Cinema/4.2",
    device_name="Living room",
    interval=5,
    issued_at=NOW,
    expires_at=NOW + 600,
)
GRANT = Grant("grant", TV.client_id, ADA.subject, "profile", NOW)
REFRESH_TOKEN = RefreshToken(b"r" * 32, GRANT.grant_id, 1, NOW + 1000)
CODE = AuthorizationCode(
    digest=b"c" * 32,
    client_id=TV.client_id,
    subject=ADA.subject,
    scope="profile",
    redirect_uri="https://photos.example/back",
    code_challenge="a challenge",
    nonce="a nonce",
    authenticated_at=NOW - 100,
    expires_at=NOW + 60,
    resource="https://api.example",
    dpop_key="a key",
)
PUSHED = PushedRequest(b"p" * 32, TV.client_id, '{"scope": "profile"}', NOW + 600)


class Stores(NamedTuple):
    """Every role over one database."""

    database: Database
    accounts: SQLAccounts
    clients: SQLClients
    sessions: SQLSessions
    device_authorizations: SQLDeviceAuthorizations
    grants: SQLGrants
    authorization_codes: SQLAuthorizationCodes
    pushed_requests: SQLPushedRequests
    signing_keys: SQLSigningKeys


def roles(database: Database) -> Stores:
    """Cast every role over a database."""
    return Stores(
        database,
        SQLAccounts(database),
        SQLClients(database),
        SQLSessions(database),
        SQLDeviceAuthorizations(database),
        SQLGrants(database),
        SQLAuthorizationCodes(database),
        SQLPushedRequests(database),
        SQLSigningKeys(database),
    )


@pytest.fixture(scope="session")
def postgresql_url(postgresql: RunningPostgreSQL) -> Iterator[str]:
    """Give the URL of a PostgreSQL database with today's tables."""
    with postgresql.database() as name:
        url = postgresql.url(name)
        database = open_database(url)
        database.migrate()
        database.close()
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of an SQLite database with today's tables."""
    url = f"sqlite:///{tmp_path}/pairlight.db"
    database = open_database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give an empty database, of each backend in turn."""
    database = open_database(request.getfixturevalue(request.param))
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield database
    database.close()


@pytest.fixture
def stores(database: Database) -> Stores:
    """Give every role, on each backend in turn."""
    return roles(database)
