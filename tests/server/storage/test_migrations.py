"""How a database gets its tables."""

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, create_engine, inspect, text

from server.core.ports import StoreUnavailable
from server.core.records import Account, Client, DeviceAuthorization, Grant, RefreshToken, Session
from server.storage import schema
from server.storage.database import Database, open_database
from tests.server.storage.conftest import TV, roles

PROCESSES = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a database without tables, of each backend in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/pairlight.db"
        return
    running = request.getfixturevalue("postgresql")
    with running.database() as name:
        yield running.url(name)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give a database without tables."""
    database = open_database(url)
    yield database
    database.close()


def test_migrations_lead_to_the_schema(database: Database) -> None:
    """A database made by the migrations is the one that the schema describes. RB-17."""
    database.migrate()
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_migrating_again_is_nothing(database: Database) -> None:
    """A second start changes nothing and loses nothing. RB-17."""
    database.migrate()
    roles(database).clients.add(TV)
    database.migrate()
    assert roles(database).clients.find("tv") == TV


def migrate(url: str) -> None:
    """Migrate, in a process of its own."""
    database = open_database(url)
    database.migrate()
    database.close()


def test_processes_migrate_at_once(url: str) -> None:
    """Workers that start at once all find the tables made. RB-17."""
    with get_context("spawn").Pool(PROCESSES) as pool:
        pool.map(migrate, [url] * PROCESSES, chunksize=1)
        pool.close()
        pool.join()


def test_a_migration_that_fails_leaves_nothing(url: str, database: Database) -> None:
    """Where a table is in the way, none of the others is made. STM-06."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE grants (x INTEGER)"))
    with pytest.raises(StoreUnavailable, match=r'(table|relation) "?grants"? already exists'):
        database.migrate()
    assert inspect(engine).get_table_names() == ["grants"]
    engine.dispose()


def test_a_newer_database_is_refused(database: Database) -> None:
    """An older Pairlight does not touch the tables of a newer one. RB-17."""
    database.migrate()
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="its tables are of a newer version"):
        database.migrate()


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (schema.accounts, Account),
        (schema.clients, Client),
        (schema.device_authorizations, DeviceAuthorization),
        (schema.grants, Grant),
        (schema.refresh_tokens, RefreshToken),
        (schema.sessions, Session),
    ],
    ids=str,
)
def test_columns_are_fields(table: Table, record: type[tuple[object, ...]]) -> None:
    """Columns stand in the order of the record's fields, which are read by place. STM-04."""
    assert tuple(column.name for column in table.columns) == record._fields  # type: ignore[attr-defined]
