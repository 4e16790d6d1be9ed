"""How we talk to a database: transactions, hot statements, migrations, and its failures.

This is what the backends share; `sqlite` and `postgresql` are the backends.
"""

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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
Steps = Sequence[tuple[str, tuple[Any, ...]]]  # statements of the driver, with their parameters
PATIENCE = 5.0
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def open_database(url: str, patience: float = PATIENCE) -> "Database":
    """Return the database of a URL. It connects when it is first used. Raises StoreUnavailable.

    `patience` is how many seconds a change or a query waits for its turn before we are busy.
    """
    if url.startswith("postgresql:"):
        try:
            from server.storage.postgresql import PostgreSQLDatabase  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise StoreUnavailable("install pairlight[postgresql]: no driver here") from error
        return PostgreSQLDatabase(url, patience)
    from server.storage.sqlite import SQLiteDatabase  # noqa: PLC0415 - it builds on this module

    return SQLiteDatabase(url, patience)


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

    def hot_change(self, *statements: ClauseElement, durable: bool = True) -> Callable[..., bool]:
        """Compile statements that change things as one: the parameters of each in, as a tuple.

        The first decides: when it changes no row, the others are not run, and False is returned.
        What is not durable need not be on the disk when it is answered: a power cut may take it.
        A server that was lost amid it is asked again, so that False may be told of what was done.
        """
        compiled = [self._compiled(statement) for statement in statements]

        def change(*parameters: tuple[Any, ...]) -> bool:
            kept = [
                tuple([storable(one) if type(one) is str else one for one in each])
                for each in parameters
            ]
            return self._change_hot(list(zip(compiled, kept, strict=True)), durable)

        return change

    def hot_insert(self, table: Table) -> Callable[[tuple[Any, ...]], bool]:
        """Compile an insert that is not durable: a record in; False when a key of it is taken."""
        return self.hot_change(self.insert(table).on_conflict_do_nothing(), durable=False)

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

    @abstractmethod
    def _change_hot(self, steps: Steps, durable: bool) -> bool:
        """Carry out steps together; on the disk when it returns, if they are to be durable."""

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


def carry_out(connection: Any, steps: Steps) -> bool:
    """Run steps on a connection of a driver; False, and only the first, when it changes no row."""
    (first, parameters), *others = steps
    if connection.execute(first, parameters).rowcount != 1:
        return False
    for statement, parameters in others:
        connection.execute(statement, parameters)
    return True
