"""The SQLite database: its files, its transactions and its failures."""

import gc
import os
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import bindparam, select, text

from server.core.ports import StoreUnavailable
from server.storage.schema import clients
from server.storage.sqlite import SQLiteDatabase
from tests.faults.driver import Driver
from tests.server.storage.conftest import GRANT, PENDING, REFRESH_TOKEN, TV, Stores, roles

THREADS = 16
PAIR = [GRANT, GRANT._replace(grant_id="another grant")]
TOKENS = [
    REFRESH_TOKEN,
    REFRESH_TOKEN._replace(digest=b"a" * 32, grant_id="another grant"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the place of a database file."""
    return tmp_path / "pairlight.db"


@pytest.fixture
def database(path: Path) -> Iterator[SQLiteDatabase]:
    """Give a migrated database that waits for no other writer."""
    database = SQLiteDatabase(f"sqlite:///{path}", patience=0.01)
    database.migrate()
    yield database
    database.close()


def unmigrated(path: Path) -> SQLiteDatabase:
    """Return a database that nobody prepared."""
    return SQLiteDatabase(f"sqlite:///{path}", patience=0.01)


def open_connections() -> int:
    """Count the connections of the driver that are open, in all threads."""
    found = 0
    for thing in gc.get_objects():
        if isinstance(thing, sqlite3.Connection):
            try:
                found += bool(thing.total_changes >= 0)
            except sqlite3.ProgrammingError:
                continue  # closed
    return found


# Files


def test_its_files_are_for_their_owner_alone(database: SQLiteDatabase, path: Path) -> None:
    """The database, its log and its shared memory have mode 0600. ASVS 13.4."""
    stores = roles(database)
    stores.clients.add(TV)
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert files == dict.fromkeys(("pairlight.db", "pairlight.db-shm", "pairlight.db-wal"), 0o600)


def test_a_file_that_exists_keeps_its_mode(path: Path) -> None:
    """A database that an operator opened to a group stays open to it. ASVS 13.4."""
    path.touch(0o640)
    path.chmod(0o640)
    database = unmigrated(path)
    database.migrate()
    database.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_closing_closes_all(database: SQLiteDatabase) -> None:
    """Closing closes the connections of every thread, also of those that are gone. LO-02."""
    before = open_connections()
    barrier = Barrier(THREADS)
    stores = roles(database)

    def work(_: int) -> object:
        barrier.wait()
        return stores.clients.find("tv"), stores.accounts.find("ada")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    database.close()
    assert open_connections() < max(before, 1)


def test_a_closed_database_opens_again(database: SQLiteDatabase) -> None:
    """Closing is not the end: the next query connects anew. LO-02."""
    stores = roles(database)
    stores.clients.add(TV)
    database.close()
    assert stores.clients.find("tv") == TV


def test_threads_share_what_is_idle(database: SQLiteDatabase) -> None:
    """Many short-lived threads, one after another, need one connection. RB-06."""
    stores = roles(database)
    for _ in range(20):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(stores.clients.find, "tv").result()
    assert len(database._idle) == 1


# Transactions


def test_a_reader_sees_one_moment(database: SQLiteDatabase) -> None:
    """A reading transaction is not disturbed by a writer, nor does it hold one up. STM-11."""
    stores = roles(database)
    with database.reading() as connection:
        assert connection.execute(select(clients)).all() == []
        assert stores.clients.add(TV)
        assert connection.execute(select(clients)).all() == []
    assert stores.clients.find("tv") == TV


def test_a_redemption_survives_a_power_cut(database: SQLiteDatabase) -> None:
    """Each transaction is on the disk before it is answered. STM-09."""
    with database.reading() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        ]
    assert pragmas == [2, "wal", 1]


def test_a_refresh_survives_a_power_cut(database: SQLiteDatabase) -> None:
    """A refresh is on the disk before it is answered, in whatever group it is written. STM-09."""
    assert not roles(database).grants.rotate(GRANT, GRANT, REFRESH_TOKEN)
    (connection,) = database._durable._idle
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_new_code_survives_us_alone(database: SQLiteDatabase) -> None:
    """A new device code is not flushed: a power cut costs the device one more request. STM-09."""
    assert roles(database).device_authorizations.add(PENDING)
    (connection,) = database._light._idle
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)


def add_and_die(path: Path) -> None:
    """Add a device authorization and be killed, in a process of its own."""
    roles(SQLiteDatabase(f"sqlite:///{path}")).device_authorizations.add(PENDING)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_new_code_survives_a_kill(database: SQLiteDatabase, path: Path) -> None:
    """A process that is killed right after it gave out a code takes nothing along. STM-09."""
    process = get_context("spawn").Process(target=add_and_die, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    found = roles(database).device_authorizations.find_by_device_code(PENDING.device_code_digest)
    assert found == PENDING


def refresh_together_and_die(path: Path, committed: bool) -> None:
    """Rotate two grants in one group, and be killed before or after it is committed."""
    driver = Driver()
    sqlite3.connect = driver.connect  # type: ignore[assignment]
    database = SQLiteDatabase(f"sqlite:///{path}")
    grants = roles(database).grants

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def look(statement: str) -> None:
        if statement == "COMMIT" and not committed:
            die()

    def refresh(number: int) -> None:
        grants.rotate(PAIR[number], PAIR[number]._replace(issued=2, version=1), TOKENS[number])
        die()

    driver.look = look
    with database._turn():
        for number in range(2):
            threading.Thread(target=refresh, args=(number,)).start()
            while len(database._durable._waiting) < number or not database._durable._led:
                threading.Event().wait(0.001)
    threading.Event().wait()


@pytest.mark.parametrize("committed", [False, True])
def test_a_group_survives_a_kill_whole(
    database: SQLiteDatabase, path: Path, committed: bool
) -> None:
    """Of refreshes in one group all are there after a kill, or none is. STM-06, STM-09."""
    stores = roles(database)
    for grant in PAIR:
        stores.grants.add(grant, None)
    process = get_context("spawn").Process(target=refresh_together_and_die, args=(path, committed))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    for grant, token in zip(PAIR, TOKENS, strict=True):
        found = stores.grants.find(grant.grant_id)
        assert found is not None
        assert found.version == committed
        assert (stores.grants.find_refresh_token(token.digest) == token) is committed


# Failures


def _damage(path: Path) -> None:
    path.write_bytes(b"This is not a database. " * 100)


WRITE: dict[str, Callable[[Stores], object]] = {
    "add a client": lambda stores: stores.clients.add(TV),
    "start": lambda stores: stores.device_authorizations.add(PENDING),
    "refresh": lambda stores: stores.grants.rotate(GRANT, GRANT, REFRESH_TOKEN),
    "revoke a grant": lambda stores: stores.grants.revoke("grant", 1.0),
    "end a session": lambda stores: stores.sessions.remove(b"digest"),
}
READ: dict[str, Callable[[Stores], object]] = {
    "find a client": lambda stores: stores.clients.find("tv"),
    "find an account": lambda stores: stores.accounts.find("ada"),
    "poll": lambda stores: stores.device_authorizations.standing(b"digest"),
    "enter a code": lambda stores: stores.device_authorizations.find_by_user_code(b"digest"),
    "find a session": lambda stores: stores.sessions.find(b"digest"),
    "find a grant": lambda stores: stores.grants.find("grant"),
}
USE = {**WRITE, **READ}


@pytest.fixture
def other(path: Path, database: SQLiteDatabase) -> Iterator[sqlite3.Connection]:
    """Give the connection of another program that holds the write lock."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


@pytest.mark.parametrize("write", WRITE.values(), ids=WRITE)
def test_a_locked_database_is_unavailable(
    database: SQLiteDatabase, other: sqlite3.Connection, write: Callable[[Stores], object]
) -> None:
    """A writer that waited in vain is told so; later it gets through. RB-07."""
    with pytest.raises(StoreUnavailable, match=r"^database is locked$"):
        write(roles(database))
    other.execute("ROLLBACK")
    write(roles(database))


@pytest.mark.parametrize("read", READ.values(), ids=READ)
def test_a_locked_database_can_be_read(
    database: SQLiteDatabase, other: sqlite3.Connection, read: Callable[[Stores], object]
) -> None:
    """A writer holds up no reader: polls go on. STM-11."""
    assert read(roles(database)) is None


def test_writers_of_one_process_queue(database: SQLiteDatabase) -> None:
    """A writer that does not get its turn in time is told so. RB-07."""
    with (
        database.writing(),
        ThreadPoolExecutor(1) as pool,
        pytest.raises(StoreUnavailable, match="too many writers"),
    ):
        pool.submit(roles(database).clients.add, TV).result()


@pytest.mark.parametrize("use", USE.values(), ids=USE)
def test_a_damaged_file_is_unavailable(
    database: SQLiteDatabase, path: Path, use: Callable[[Stores], object]
) -> None:
    """A file that is no database any more is a failure of the store, never an answer. LO-02."""
    database.close()
    _damage(path)
    before = open_connections()
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        use(roles(database))
    assert open_connections() <= before


@pytest.mark.parametrize("use", USE.values(), ids=USE)
def test_a_lost_table_is_unavailable(
    database: SQLiteDatabase, use: Callable[[Stores], object]
) -> None:
    """Where a table is missing, nothing is found nor refused: the store has failed. LO-02."""
    with database.writing() as connection:
        for table in ("refresh_tokens", "grants", "sessions", "accounts", "clients"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("DROP TABLE device_authorizations"))
    with pytest.raises(StoreUnavailable, match="no such table"):
        use(roles(database))


def test_a_read_only_database_is_unavailable(database: SQLiteDatabase) -> None:
    """A database that takes no writes can still be read. RB-07."""
    with database.writing() as connection:
        connection.execute(text("PRAGMA query_only = ON"))
    with pytest.raises(StoreUnavailable, match="attempt to write a readonly database"):
        roles(database).clients.add(TV)
    assert roles(database).clients.find("tv") is None


def test_a_failure_tells_no_secret(database: SQLiteDatabase) -> None:
    """The words of a failure, which are logged, do not repeat what was to be written. COD-10."""
    with database.writing() as connection:
        connection.execute(text("DROP TABLE clients"))
    with pytest.raises(StoreUnavailable) as caught:
        roles(database).clients.add(TV._replace(client_id="a secret"))
    assert "a secret" not in f"{caught.value} {caught.value.__cause__}"


def test_a_hot_query_that_failed_recovers(database: SQLiteDatabase) -> None:
    """A connection that failed a poll is closed, and the next poll is answered. RB-07."""
    find = database.hot_query(select(clients).where(clients.c.client_id == bindparam("id")))
    find("tv")
    before = open_connections()
    with pytest.raises(StoreUnavailable) as caught:
        find("too", "many")
    assert (open_connections(), caught.type) == (before - 1, StoreUnavailable)
    assert find("tv") is None


def test_a_failure_of_any_kind_closes_its_connection(database: SQLiteDatabase) -> None:
    """What was interrupted amid its work, perhaps in a transaction, is not used again. RB-07."""

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        raise OverflowError("a number too large")

    before = open_connections()
    with pytest.raises(OverflowError):
        database._hot(fail)
    assert open_connections() <= before
    assert roles(database).device_authorizations.add(PENDING)


@pytest.mark.parametrize("place", ["nowhere/pairlight.db", "a file/pairlight.db", "."])
def test_a_place_without_a_file_is_unavailable(tmp_path: Path, place: str) -> None:
    """A missing directory, or a directory in the file's place, is told at the start. LO-02."""
    (tmp_path / "a file").touch()
    database = unmigrated(tmp_path / place)
    with pytest.raises(StoreUnavailable, match=r"directory"):
        database.migrate()


def test_a_strange_file_is_not_migrated(path: Path) -> None:
    """A file that is no database is told at the start, and left as it is. LO-02."""
    _damage(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        unmigrated(path).migrate()
    assert path.read_bytes() == before
