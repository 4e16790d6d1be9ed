"""SQLite: a file, any number of readers, and one writer at a time."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ClassVar

from sqlalchemy import ClauseElement, Connection, Table, create_engine, event, make_url
from sqlalchemy.dialects import sqlite

from server.core.ports import StoreUnavailable
from server.storage.database import PATIENCE, Database, Steps, T
from server.storage.group_commit import GroupCommit

_CONNECTIONS = 8  # of a process for hot statements, used at the same time
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers and the one writer do not block each other
    "PRAGMA wal_autocheckpoint = 4000",  # pages, 16 MB: a fourth of the default's flushes
    "PRAGMA foreign_keys = ON",
)
# What was answered survives a power cut: a device whose refresh was lost would hold a token that
# we do not know, and be locked out.
_FULL = "PRAGMA synchronous = FULL"
_NORMAL = "PRAGMA synchronous = NORMAL"  # a new code survives us, but perhaps not a power cut


class SQLiteDatabase(Database):
    """A database in a file. `patience` is how many seconds to wait for another writer."""

    driver_error: ClassVar[type[Exception]] = sqlite3.Error

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._path = make_url(url).database or ""
        self._patience = patience
        self._writer = threading.Lock()
        # Thousands of held polls that look at once would each open a connection otherwise.
        self._permits: SimpleQueue[None] = SimpleQueue()  # cheaper than a semaphore
        for _ in range(_CONNECTIONS):
            self._permits.put(None)
        self._durable, self._light = [
            GroupCommit(self._turn, partial(self._connect, synchronous), patience)
            for synchronous in (_FULL, _NORMAL)
        ]
        engine = create_engine(
            url,
            creator=lambda: self._connect(_FULL),
            max_overflow=-1,
            hide_parameters=True,  # an error is logged, and what was to be written is a secret
        )
        event.listen(engine, "begin", _begin)
        super().__init__(engine, engine.execution_options(reading=True))

    def migrate(self) -> None:
        """Bring the tables to today's shape, in a new file if need be. Raises StoreUnavailable."""
        self._make_file()
        super().migrate()

    def close(self) -> None:
        """Close every connection that is not in use, whichever thread opened it."""
        super().close()
        self._durable.close()
        self._light.close()

    @staticmethod
    def insert(table: Table) -> Any:
        """Return an insert that may have an ON CONFLICT clause."""
        return sqlite.insert(table)

    def _compiled(self, statement: ClauseElement) -> str:
        return str(statement.compile(self._engine))

    def _hot(self, work: Callable[[Any], T]) -> T:
        try:
            self._permits.get(timeout=self._patience)
        except Empty:
            raise StoreUnavailable("too many at once") from None
        try:
            return self._on_hot_connection(work)
        finally:
            self._permits.put(None)

    def _on_hot_connection(self, work: Callable[[Any], T]) -> T:
        try:
            connection = self._hot_connection()
            try:
                result = work(connection)
            except BaseException:
                connection.close()  # perhaps amid a transaction: not to be used again
                raise
        except sqlite3.Error as error:
            raise StoreUnavailable(str(error)) from error
        self._idle.append(connection)
        return result

    def _change_hot(self, steps: Steps, durable: bool) -> bool:
        return (self._durable if durable else self._light).run(steps)

    def _hot_connection(self) -> sqlite3.Connection:
        try:
            found: sqlite3.Connection = self._idle.pop()
        except IndexError:
            return self._connect(_NORMAL)
        return found

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let this process's writers queue here: SQLite would have them sleep and try again."""
        if not self._writer.acquire(timeout=self._patience):
            raise StoreUnavailable("too many writers")
        try:
            yield
        finally:
            self._writer.release()

    def _wait_for_others(self, connection: Connection) -> None:
        """Do nothing: who writes is alone."""

    def _make_file(self) -> None:
        """Make the file for its owner's eyes alone; SQLite gives its other files the same mode."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreUnavailable(str(error.strerror)) from error

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        # No implicit transactions: `_begin` says which kind each one is.
        connection = sqlite3.connect(
            self._path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in (*_PRAGMAS, synchronous):
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _begin(connection: Connection) -> None:
    """Take the write lock at once where it will be needed: a late upgrade could only fail."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
