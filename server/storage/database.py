"""How we talk to a database: transactions, hot statements, migrations, and its failures.

This is what the backends share; `sqlite` and `postgresql` are the backends.
"""

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError
from sqlalchemy import ClauseElement, Connection, Engine, Select, Table
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from server.core.ports import StoreUnavailable

T = TypeVar("T")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def open_database(url: str) -> "Database":
    """Return the database of a URL. It connects when it is first used. Raises StoreUnavailable."""
    if url.startswith("postgresql:"):
        try:
            from server.storage.postgresql import PostgreSQLDatabase  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise StoreUnavailable("install pairlight[postgresql]: no driver here") from error
        return PostgreSQLDatabase(url)
    from server.storage.sqlite import SQLiteDatabase  # noqa: PLC0415 - it builds on this module

    return SQLiteDatabase(url)


def storable(text: str) -> str:
    """Return text that every backend can keep: NUL and lone surrogates become U+FFFD."""
    if text.isprintable():  # as nearly all is
        return text
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class Database(ABC):
    """A database with our tables."""

    driver_error: ClassVar[type[Exception]]

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine = engine
        self._reading = reading
        self._idle: deque[Any] = deque()  # driver connections for hot statements, in any thread

    def migrate(self) -> None:
        """Bring the tables to today's shape. Raises StoreUnavailable."""
        migrations = AlembicConfig()
        scripts = str(Path(__file__).parent / "migrations").replace("%", "%%")
        migrations.set_main_option("script_location", scripts)
        with self.alone() as connection:
            migrations.attributes["connection"] = connection
            try:
                command.upgrade(migrations, "head")
            except CommandError as error:
                raise StoreUnavailable("its tables are of a newer version") from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes. Raises StoreUnavailable, and IntegrityError as it is."""
        with self._turn(), self._failures_named(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Open a transaction that writes, and that no other one of this kind runs beside."""
        with self.writing() as connection:
            self._wait_for_others(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads. Raises StoreUnavailable."""
        with self._failures_named(), self._reading.begin() as connection:
            yield connection

    def hot_query(self, query: Select[Any]) -> Callable[..., tuple[Any, ...] | None]:
        """Compile a query for the poll's path: parameters in, one row or None out.

        It runs on the driver's own cursor, ten times faster than through SQLAlchemy. Text among
        the parameters must be storable.
        """
        statement = self._compiled(query)

        def fetch(*parameters: Any) -> tuple[Any, ...] | None:
            row: tuple[Any, ...] | None
            row = self._hot(lambda connection: connection.execute(statement, parameters).fetchone())
            return row

        return fetch

    def hot_insert(self, table: Table) -> Callable[[tuple[Any, ...]], bool]:
        """Compile an insert of the same kind: a record in; False when one of its keys is taken.

        It need not be on the disk when it is answered: for what may be lost in a power cut.
        """
        statement = self._compiled(self.insert(table).on_conflict_do_nothing())

        def add(record: tuple[Any, ...]) -> bool:
            kept = tuple([storable(one) if type(one) is str else one for one in record])
            return self._insert_hot(statement, kept)

        return add

    def close(self) -> None:
        """Close every connection that is not in use, whichever thread opened it."""
        self._engine.dispose()
        self._close_idle()

    @staticmethod
    @abstractmethod
    def insert(table: Table) -> Any:
        """Return an insert that may have an ON CONFLICT clause."""

    @abstractmethod
    def _compiled(self, statement: ClauseElement) -> str:
        """Return a statement in the words and with the placeholders of the driver's own cursor."""

    @abstractmethod
    def _hot(self, work: Callable[[Any], T]) -> T:
        """Do work on a connection of the driver, outside of transactions."""

    def _insert_hot(self, statement: str, parameters: tuple[Any, ...]) -> bool:
        """Run an insert that need not be on the disk; False when it added nothing."""
        return self._hot(lambda found: bool(found.execute(statement, parameters).rowcount))

    def _turn(self) -> AbstractContextManager[None]:
        """Wait until this process may write."""
        return nullcontext()

    @abstractmethod
    def _wait_for_others(self, connection: Connection) -> None:
        """Wait until no other transaction of this kind is open."""

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise StoreUnavailable(self._words(error.orig)) from error
        except (self.driver_error, SQLAlchemyError) as error:
            raise StoreUnavailable(self._words(error)) from error

    def _words(self, error: BaseException | None) -> str:
        """Return what went wrong."""
        return str(error)
