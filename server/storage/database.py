"""How we talk to the database: transactions, hot queries, migrations, and its failures."""

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError
from sqlalchemy import Connection, Select, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from server.core.ports import StoreUnavailable

_BUSY_TIMEOUT = 5.0  # seconds to wait for another writer before we say that we are busy
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers and the one writer do not block each other
    "PRAGMA synchronous = FULL",  # a redemption that was answered survives a power cut
    "PRAGMA foreign_keys = ON",
)


class Database:
    """An SQLite database in a file. `busy_timeout` is how long to wait for another writer."""

    def __init__(self, url: str, busy_timeout: float = _BUSY_TIMEOUT) -> None:
        self._path = make_url(url).database or ""
        self._busy_timeout = busy_timeout
        self._engine = create_engine(
            url,
            creator=self._connect,
            max_overflow=-1,
            hide_parameters=True,  # an error is logged, and what was to be written is a secret
        )
        self._reading = self._engine.execution_options(reading=True)
        self._idle: deque[sqlite3.Connection] = deque()  # for hot queries, in any thread
        self._writer = threading.Lock()
        event.listen(self._engine, "begin", _begin)

    def migrate(self) -> None:
        """Bring the tables to today's shape. Raises StoreUnavailable."""
        self._make_file()
        migrations = AlembicConfig()
        scripts = str(Path(__file__).parent / "migrations").replace("%", "%%")
        migrations.set_main_option("script_location", scripts)
        with self.writing() as connection:
            migrations.attributes["connection"] = connection
            try:
                command.upgrade(migrations, "head")
            except CommandError as error:
                raise StoreUnavailable("its tables are of a newer version") from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes. Raises StoreUnavailable, and IntegrityError as it is."""
        with self._turn(), _failures_named(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads. Raises StoreUnavailable."""
        with _failures_named(), self._reading.begin() as connection:
            yield connection

    def hot_query(self, query: Select[Any]) -> Callable[..., tuple[Any, ...] | None]:
        """Compile a query for the poll's path: parameters in, one row or None out.

        It runs on the driver's own cursor, ten times faster than through SQLAlchemy.
        """
        statement = str(query.compile(self._engine))

        def fetch(*parameters: Any) -> tuple[Any, ...] | None:
            connection = None
            try:
                connection = self._hot_connection()
                row: tuple[Any, ...] | None
                row = connection.execute(statement, parameters).fetchone()
            except sqlite3.Error as error:
                if connection:
                    connection.close()  # not to be used again
                raise StoreUnavailable(str(error)) from error
            self._idle.append(connection)
            return row

        return fetch

    def close(self) -> None:
        """Close every connection that is not in use, whichever thread opened it."""
        self._engine.dispose()
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let this process's writers queue here: SQLite would have them sleep and try again."""
        if not self._writer.acquire(timeout=self._busy_timeout):
            raise StoreUnavailable("too many writers")
        try:
            yield
        finally:
            self._writer.release()

    def _make_file(self) -> None:
        """Make the file for its owner's eyes alone; SQLite gives its other files the same mode."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreUnavailable(str(error.strerror)) from error

    def _hot_connection(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        # No implicit transactions: `_begin` says which kind each one is.
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _begin(connection: Connection) -> None:
    """Take the write lock at once where it will be needed: a late upgrade could only fail."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise StoreUnavailable(str(error.orig)) from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise StoreUnavailable(str(error)) from error
