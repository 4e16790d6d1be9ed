"""The SQLite driver, watched: every statement of the product passes here before it runs."""

import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Called with each statement, COMMIT included, before it runs. May raise, or never return.
Look = Callable[[str], None]


class Driver:
    """Stands in for `sqlite3.connect`; the connections it makes are real."""

    def __init__(self) -> None:
        self.look: Look = _pass
        self.pragma = ""  # of every new connection
        self.patience = 5.0  # seconds to wait for another writer
        self._opened: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()

    def connect(self, path: str, **options: Any) -> sqlite3.Connection:
        """Open a connection that is watched."""
        connection = sqlite3.Connection.__new__(_connection_of(self))
        connection.__init__(path, **{**options, "timeout": self.patience})  # type: ignore[misc]
        self._opened.add(connection)
        if self.pragma:
            sqlite3.Cursor(connection).execute(self.pragma)
        return connection

    def set_everywhere(self, pragma: str) -> None:
        """Run a pragma on every connection, those that are yet to come as well."""
        self.pragma = pragma
        for connection in list(self._opened):
            try:
                sqlite3.Cursor(connection).execute(pragma)
            except sqlite3.ProgrammingError:
                continue  # closed

    @contextmanager
    def looking(self, look: Look) -> Iterator[None]:
        """Let somebody look until the block ends."""
        self.look = look
        yield
        self.look = _pass


def _pass(_: str) -> None:
    """Let a statement run."""


def _connection_of(driver: Driver) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, statement: str, parameters: Any = ()) -> "Cursor":
            driver.look(statement)
            return super().execute(statement, parameters)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = None) -> Any:
            return super().cursor(factory or Cursor)

        def execute(self, statement: str, parameters: Any = ()) -> Any:
            return self.cursor().execute(statement, parameters)

        def commit(self) -> None:
            driver.look("COMMIT")
            super().commit()

    return Connection
