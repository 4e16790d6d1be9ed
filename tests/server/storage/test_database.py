"""What any database does, whichever backend it is."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import insert, select

from server.core.ports import StoreUnavailable
from server.storage.database import Database, open_database, storable
from server.storage.postgresql import PostgreSQLDatabase
from server.storage.schema import clients
from server.storage.sqlite import SQLiteDatabase
from tests.server.storage.conftest import PENDING, TV, Stores, roles


@pytest.mark.parametrize(
    ("url", "backend"),
    [
        ("sqlite:///pairlight.db", SQLiteDatabase),
        ("postgresql://pairlight@db.example/pairlight", PostgreSQLDatabase),
    ],
)
def test_the_url_says_which_backend(url: str, backend: type[Database]) -> None:
    """A database is opened by its URL alone, and nothing is connected yet. MD-02."""
    assert type(open_database(url)) is backend


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, a PostgreSQL URL says what to install. MD-02."""
    monkeypatch.setitem(sys.modules, "server.storage.postgresql", None)
    with pytest.raises(StoreUnavailable, match=r"install pairlight\[postgresql\]"):
        open_database("postgresql://db.example/pairlight")


def test_a_transaction_that_fails_leaves_nothing(database: SQLiteDatabase) -> None:
    """What was written before an error is undone. STM-06."""

    def fail_at_the_end() -> None:
        with database.writing() as connection:
            connection.execute(insert(clients).values(TV._asdict()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_the_end()
    assert roles(database).clients.find("tv") is None


def test_transactions_alone_queue(database: Database) -> None:
    """Of two transactions that must be alone, the second sees what the first has done. STM-01."""
    barrier = Barrier(2)

    def add_once(name: str) -> bool:
        barrier.wait()
        with database.alone() as connection:
            if connection.execute(select(clients)).one_or_none():
                return False
            connection.execute(insert(clients).values(TV._replace(client_id=name)._asdict()))
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add_once, ["one", "two"])) == [False, True]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Living room", "Living room"),
        ("", ""),
        ("line\nline\x7f", "line\nline\x7f"),
        ("\N{TELEVISION}\u200d", "\N{TELEVISION}\u200d"),
        ("a\0b", "a\ufffdb"),
        ("a\ud800\udfffb", "a\ufffd\ufffdb"),
    ],
)
def test_any_text_can_be_kept(stores: Stores, text: str, kept: str) -> None:
    """What PostgreSQL or UTF-8 cannot hold is replaced, alike on every path. COD-01."""
    assert storable(text) == kept
    hot = PENDING._replace(user_agent=text)
    assert stores.device_authorizations.add(hot)
    assert stores.device_authorizations.swap(hot, hot._replace(device_name=text))
    found = stores.device_authorizations.find_by_device_code(PENDING.device_code_digest)
    assert found == PENDING._replace(user_agent=kept, device_name=kept)


@pytest.mark.parametrize("text", ["tv\0", "tv\ud800", "\0"])
def test_any_text_can_be_looked_for(stores: Stores, text: str) -> None:
    """Text that no database holds finds nothing, and fails nothing. COD-01."""
    assert stores.clients.find(text) is None
    assert stores.accounts.find_by_username(text) is None
