"""PostgreSQL: one server for any number of nodes.

Its default, READ COMMITTED, is enough: every change is one UPDATE that names the version it saw,
and of two at once the second waits for the first and then finds no such version.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import ClauseElement, Connection, ExceptionContext, Table, create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from server.core.ports import StoreUnavailable
from server.storage.database import PATIENCE, Database, Steps, T, carry_out

_CONNECTIONS = 5  # of each kind and process: hot statements, transactions
_DEFAULTS: dict[str, str | int] = {
    "connect_timeout": 5,  # seconds
    "tcp_user_timeout": 10_000,  # milliseconds until a server that fell silent counts as gone
    "application_name": "pairlight",
}
_OPTIONS = (
    "-c lock_timeout={}ms -c statement_timeout={}ms -c idle_in_transaction_session_timeout=30s"
)
_NOT_FLUSHED = "SET synchronous_commit = off"  # a new code survives us, but perhaps not a power cut
# Of this transaction: as the operator has it, which SET hides and an option of ours would replace.
_FLUSHED = "SET LOCAL synchronous_commit TO DEFAULT"
_ALONE = 0x7061_6972  # "pair": the advisory lock of transactions that run alone
_READ_ONLY = "25006"


class PostgreSQLDatabase(Database):
    """A database on a server. A URL of libpq says where; what it does not set has our defaults.

    `patience` is how many seconds to wait for a connection, and for a row that another changes.
    """

    driver_error: ClassVar[type[Exception]] = psycopg.Error

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        lock_timeout = int(1000 * patience)
        options = {"options": _OPTIONS.format(lock_timeout, 2 * lock_timeout)}
        try:
            self._where: dict[str, Any] = {**_DEFAULTS, **options, **conninfo_to_dict(url)}
        except psycopg.Error:  # which repeats the URL, with its password
            raise StoreUnavailable("its URL cannot be read") from None
        self._dialect = PGDialect_psycopg(  # type: ignore[no-untyped-call]
            paramstyle="numeric_dollar"
        )
        self._patience = patience
        self._places = threading.BoundedSemaphore(_CONNECTIONS)
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(**self._where),
            isolation_level="READ COMMITTED",
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=patience,
            pool_pre_ping=True,  # the server may have been restarted meanwhile
            hide_parameters=True,  # an error is logged, and what was to be written is a secret
        )
        event.listen(engine, "handle_error", _look_for_the_primary)
        super().__init__(engine, engine.execution_options(isolation_level="AUTOCOMMIT"))

    @staticmethod
    def insert(table: Table) -> Any:
        """Return an insert that may have an ON CONFLICT clause."""
        return postgresql.insert(table)

    def _compiled(self, statement: ClauseElement) -> str:
        return str(statement.compile(dialect=self._dialect))

    def _hot(self, work: Callable[[Any], T]) -> T:
        with self._place():
            try:
                return self._try(work)
            except _LostError:
                self._close_idle()  # as old as this one, and lost as well
                return self._try(work)

    def _try(self, work: Callable[[Any], T]) -> T:
        connection = None
        try:
            connection = self._hot_connection()
            result = work(connection)
        except psycopg.Error as error:
            lost = connection is not None and (connection.broken or error.sqlstate == _READ_ONLY)
            if connection:
                connection.close()  # not to be used again
            # Not `from error`: it may have the values of a whole row, and it would be logged.
            raise (_LostError if lost else StoreUnavailable)(self._words(error)) from None
        self._idle.append(connection)
        return result

    def _change_hot(self, steps: Steps, durable: bool) -> bool:
        if len(steps) == 1 and not durable:
            return self._hot(lambda connection: carry_out(connection, steps))
        return self._hot(lambda connection: _transact(connection, steps, durable))

    def _hot_connection(self) -> psycopg.Connection[Any]:
        try:
            found: psycopg.Connection[Any] = self._idle.pop()
        except IndexError:
            return self._connect()
        return found

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(
            **self._where,
            autocommit=True,
            prepare_threshold=0,  # each statement is one of a few, and comes again
            cursor_factory=psycopg.RawCursor,
        )
        try:
            connection.execute(_NOT_FLUSHED)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience):
            raise StoreUnavailable("too many at once")
        try:
            yield
        finally:
            self._places.release()

    def _wait_for_others(self, connection: Connection) -> None:
        """Wait for an advisory lock, as long as a migration on another node may take."""
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ALONE})")

    def _words(self, error: BaseException | None) -> str:
        """Return what went wrong, in one line and without the values of rows."""
        primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
        return primary or " ".join(str(error).split())


def _transact(connection: psycopg.Connection[Any], steps: Steps, durable: bool) -> bool:
    """Carry out steps in a transaction; one that fails ends with its connection."""
    connection.execute("BEGIN")
    if durable:
        connection.execute(_FLUSHED)
    changed = carry_out(connection, steps)
    connection.execute("COMMIT")
    return changed


class _LostError(StoreUnavailable):
    """The server has gone, or is not the primary any more; there may be one to connect to."""


def _look_for_the_primary(context: ExceptionContext) -> None:
    """Let go of every connection to a server that has become read-only."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True
