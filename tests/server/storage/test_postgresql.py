"""The PostgreSQL database: its connections and its failures."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import insert, text

from server.core.ports import StoreUnavailable
from server.storage import postgresql as module
from server.storage.database import Database, open_database
from server.storage.postgresql import PostgreSQLDatabase
from server.storage.schema import grants
from tests.server.storage.conftest import ADA, GRANT, PENDING, REFRESH_TOKEN, TV, Stores, roles
from tests.server.storage.running_postgresql import RunningPostgreSQL

USES: dict[str, Callable[[Stores], object]] = {
    "add a client": lambda stores: stores.clients.add(TV),
    "start": lambda stores: stores.device_authorizations.add(PENDING),
    "poll": lambda stores: stores.device_authorizations.standing(b"digest"),
    "enter a code": lambda stores: stores.device_authorizations.find_by_user_code(b"digest"),
    "refresh": lambda stores: stores.grants.rotate(GRANT, GRANT, REFRESH_TOKEN),
    "swap": lambda stores: stores.device_authorizations.swap(PENDING, PENDING),
    "find an account": lambda stores: stores.accounts.find("ada"),
}
USED = (
    "refresh_tokens",
    "grants",
    "sessions",
    "accounts",
    "clients",
    "device_authorizations",
)
NOTE_THE_SETTING = """
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen VALUES (current_setting('synchronous_commit'));
    RETURN NULL;
END $$;
CREATE TRIGGER noting AFTER UPDATE ON grants FOR EACH ROW EXECUTE FUNCTION note()
"""
each_use = pytest.mark.parametrize("use", USES.values(), ids=USES)


@pytest.fixture
def name(postgresql: RunningPostgreSQL) -> Iterator[str]:
    """Give the name of a database of its own, without tables."""
    with postgresql.database() as name:
        yield name


@pytest.fixture
def database(postgresql: RunningPostgreSQL, name: str) -> Iterator[Database]:
    """Give that database, with today's tables and two idle connections."""
    database = open_database(postgresql.url(name))
    database.migrate()
    roles(database).clients.find("tv")
    yield database
    database.close()


# Connections


def connections(postgresql: RunningPostgreSQL, name: str) -> int:
    """Count the server's connections to a database."""
    with psycopg.connect(postgresql.url("postgres", "postgres")) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        return int(next(found)[0])


def test_they_are_bounded(postgresql: RunningPostgreSQL, name: str, database: Database) -> None:
    """However many threads ask, a process keeps to its few connections. RB-06."""
    stores = roles(database)

    def work(_: int) -> object:
        return stores.clients.find("tv"), stores.accounts.find("ada")

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(200)))
    assert connections(postgresql, name) <= 2 * module._CONNECTIONS


def test_closing_closes_all(postgresql: RunningPostgreSQL, name: str, database: Database) -> None:
    """Closing closes every connection, and the next query connects anew. LO-02."""
    database.close()
    for old, new in ((name, "alone"), ("alone", name)):
        postgresql.tell(f"ALTER DATABASE {old} RENAME TO {new}")  # refused while in use
    assert roles(database).clients.add(TV)


def test_the_url_wins_over_our_defaults(postgresql: RunningPostgreSQL, name: str) -> None:
    """What the URL sets is what libpq is told. MD-02."""
    database = open_database(f"{postgresql.url(name)}&application_name=tv&options=-c%20jit%3Doff")
    with database.reading() as connection:
        found = [connection.scalar(text(f"SHOW {key}")) for key in ("application_name", "jit")]
    database.close()
    assert found == ["tv", "off"]


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_its_default_isolation_is_ours(
    postgresql: RunningPostgreSQL, name: str, database: Database, level: str
) -> None:
    """Whatever isolation the server has for others, we have the one we count on. STM-01."""
    postgresql.tell(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
    database.close()
    with database.writing() as connection:
        assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"


def test_a_redemption_survives_a_power_cut(database: PostgreSQLDatabase) -> None:
    """Transactions are on the disk before they are answered, a new device code is not. STM-09."""
    with database.writing() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    (hot,) = database._idle
    assert hot.execute("SHOW synchronous_commit").fetchone() == ("off",)


@pytest.mark.parametrize("setting", ["on", "remote_apply", "local"])
def test_a_refresh_survives_a_power_cut(
    postgresql: RunningPostgreSQL, name: str, database: PostgreSQLDatabase, setting: str
) -> None:
    """A refresh is flushed as the operator has it, and what comes after it is not. STM-09."""
    postgresql.tell(f"ALTER DATABASE {name} SET synchronous_commit = {setting}")
    database.close()
    with database.writing() as connection:
        connection.execute(insert(grants).values(GRANT._asdict()))
        # What runs within the transaction of a refresh sees how it will be committed.
        connection.execute(text("CREATE TABLE seen (setting text)"))
        connection.execute(text(NOTE_THE_SETTING))
    rotated = GRANT._replace(issued=2, version=1)
    assert roles(database).grants.rotate(GRANT, rotated, REFRESH_TOKEN)
    with database.reading() as connection:
        seen = connection.scalars(text("SELECT setting FROM seen")).all()
    (hot,) = database._idle
    assert (seen, hot.execute("SHOW synchronous_commit").fetchone()) == ([setting], ("off",))


def test_the_urls_durability_counts(postgresql: RunningPostgreSQL, name: str) -> None:
    """What the URL says of flushing is the operator's word as well. STM-09, MD-02."""
    option = "&options=-c%20synchronous_commit%3Dremote_apply"
    database = PostgreSQLDatabase(postgresql.url(name) + option)
    connection = database._hot_connection()
    with connection.transaction():
        connection.execute(module._FLUSHED)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("remote_apply",)
    assert connection.execute("SHOW synchronous_commit").fetchone() == ("off",)
    connection.close()


def test_a_connection_that_is_not_set_up_is_closed(
    postgresql: RunningPostgreSQL, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails between connecting and the first use leaves no connection behind. RB-07."""
    monkeypatch.setattr(module, "_NOT_FLUSHED", "SET synchronous_commit = never")
    database = PostgreSQLDatabase(postgresql.url(name))
    with pytest.raises(StoreUnavailable, match='"synchronous_commit": "never"'):
        roles(database).clients.find("tv")


# Failures


@each_use
def test_a_restart_is_not_noticed(
    postgresql: RunningPostgreSQL, database: Database, use: Callable[[Stores], object]
) -> None:
    """Connections that died while idle are replaced, and no request fails for it. RB-07."""
    postgresql.stop()
    postgresql.start()
    use(roles(database))


@each_use
def test_a_server_that_is_gone_is_unavailable(
    postgresql: RunningPostgreSQL, database: Database, use: Callable[[Stores], object]
) -> None:
    """While it is down the store has failed; once it is back, so are we. RB-07, LO-02."""
    postgresql.stop("immediate")
    try:
        with pytest.raises(StoreUnavailable, match="failed: No such file"):
            use(roles(database))
    finally:
        postgresql.start()
    use(roles(database))


@each_use
def test_too_many_connections_are_unavailable(
    postgresql: RunningPostgreSQL,
    name: str,
    database: Database,
    use: Callable[[Stores], object],
) -> None:
    """A server that takes no more connections is asked again the next time. RB-07."""
    database.close()
    postgresql.tell(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    with pytest.raises(StoreUnavailable, match="too many connections"):
        use(roles(database))
    postgresql.tell(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    use(roles(database))


@pytest.mark.parametrize("use", ["add a client", "start", "refresh", "swap"])
def test_a_standby_is_left_for_the_primary(
    postgresql: RunningPostgreSQL, name: str, database: Database, use: str
) -> None:
    """A server that became read-only is let go, all its connections; the next one writes. RB-07."""
    postgresql.tell(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database.close()
    with pytest.raises(StoreUnavailable, match="read-only transaction"):
        USES[use](roles(database))
    postgresql.tell(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
    USES[use](roles(database))


@each_use
def test_a_lost_table_is_unavailable(database: Database, use: Callable[[Stores], object]) -> None:
    """Where a table is missing, nothing is found nor refused: the store has failed. LO-02."""
    with database.writing() as connection:
        for table in USED:
            connection.execute(text(f"DROP TABLE {table}"))
    with pytest.raises(StoreUnavailable, match=r'relation "[a-z_]+" does not exist'):
        use(roles(database))


def test_a_locked_row_holds_up_no_poll(database: Database) -> None:
    """While one transaction changes a row, polls read it as it was. STM-11."""
    stores = roles(database)
    stores.device_authorizations.add(PENDING)
    with database.writing() as connection:
        connection.execute(text("SELECT 1 FROM device_authorizations FOR UPDATE"))
        assert stores.device_authorizations.standing(PENDING.device_code_digest)


def test_a_lock_is_not_waited_for_for_ever(postgresql: RunningPostgreSQL, name: str) -> None:
    """Who waits too long for another's lock is told so, and gets through later. RB-07."""
    database = open_database(f"{postgresql.url(name)}&options=-c%20lock_timeout%3D10")
    database.migrate()
    stores = roles(database)
    stores.accounts.add(ADA)
    with database.writing() as connection:
        connection.execute(text("LOCK TABLE accounts"))
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            stores.accounts.add(ADA._replace(subject="another", username="bob"))
    assert stores.accounts.add(ADA._replace(subject="another", username="bob"))
    database.close()


@pytest.mark.parametrize("what", ["hot", "writing"])
def test_a_place_is_not_waited_for_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """When all connections are in use for too long, the store is busy. RB-07."""
    monkeypatch.setattr(module, "_CONNECTIONS", 1)
    small = PostgreSQLDatabase("postgresql:///x", patience=0.01)
    small._where = vars(database)["_where"]
    with ExitStack() as stack:
        stack.enter_context(small.writing() if what == "writing" else small._place())
        with pytest.raises(StoreUnavailable, match=r"too many at once|QueuePool limit"):
            USES["add a client" if what == "writing" else "poll"](roles(small))
    small.close()


def test_a_failure_tells_no_secret(database: Database) -> None:
    """The words of a failure, which are logged, do not repeat what was to be written. COD-10."""
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE device_authorizations ADD CHECK (scope <> 'hidden')"))
    with pytest.raises(StoreUnavailable, match="violates check constraint") as caught:
        roles(database).device_authorizations.add(PENDING._replace(scope="hidden"))
    assert "hidden" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:hidden@[::1/tv",
        "postgresql://ada:hidden@host/tv?unknown=1",
        "postgresql://ada:hid den@host/tv?",
        "postgresql://ada:hidden%zz@host/tv",
    ],
)
def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    """A URL with a mistake is refused without its password. COD-10."""
    with pytest.raises(StoreUnavailable, match=r"^its URL cannot be read$") as caught:
        open_database(url)
    assert caught.value.__cause__ is None


def test_a_refused_password_is_not_repeated(
    postgresql: RunningPostgreSQL, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is told and logged of a failed sign-in at the server has no password. COD-10."""
    url = postgresql.url(name).replace("pairlight@", "stranger:hidden@")
    database = open_database(url)
    with pytest.raises(StoreUnavailable, match='role "stranger" does not exist') as caught:
        database.migrate()
    told = f"{caught.value!r} {caught.value.__cause__!r} {database!r} {database._engine!r}"
    assert "hidden" not in told + caplog.text
