"""Many small writes, one transaction: what waits for its turn is taken along by whoever has it.

Most of what a small insert costs SQLite is its transaction. Under load many threads queue for the
one writer's turn; the first of them then writes for all.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from server.core.ports import StoreUnavailable


class _Insert:
    """One insert on its way."""

    def __init__(self, statement: str, parameters: tuple[Any, ...]) -> None:
        self.statement = statement
        self.parameters = parameters
        self.done = threading.Event()  # written, or failed
        self.added = False
        self.failure: BaseException | None = None


class GroupCommit:
    """Writes inserts in groups. `turn` is the right to write, `work` lends a connection."""

    def __init__(
        self,
        turn: Callable[[], AbstractContextManager[None]],
        work: Callable[[Callable[[sqlite3.Connection], None]], None],
    ) -> None:
        self._turn = turn
        self._work = work
        self._waiting: deque[_Insert] = deque()

    def insert(self, statement: str, parameters: tuple[Any, ...]) -> bool:
        """Run an insert; False when it added nothing. Raises StoreUnavailable."""
        mine = _Insert(statement, parameters)
        self._waiting.append(mine)
        try:
            with self._turn():
                if not mine.done.is_set():
                    self._write_all()
        except StoreUnavailable:
            if self._withdraw(mine):
                raise
            mine.done.wait()  # another thread has taken it along, so what comes of it counts
        if mine.failure:
            raise StoreUnavailable(str(mine.failure)) from mine.failure
        return mine.added

    def _withdraw(self, insert: _Insert) -> bool:
        """Take an insert back; False when it is written, or on its way."""
        try:
            self._waiting.remove(insert)
        except ValueError:
            return False
        return True

    def _write_all(self) -> None:
        group = []
        with suppress(IndexError):
            while True:
                group.append(self._waiting.popleft())
        try:
            self._work(lambda connection: _write(connection, group))
        except BaseException as failure:
            for one in group:
                one.failure = failure
            raise
        finally:
            for one in group:
                one.done.set()


def _write(connection: sqlite3.Connection, group: list[_Insert]) -> None:
    if len(group) > 1:
        connection.execute("BEGIN IMMEDIATE")
    counts = [connection.execute(one.statement, one.parameters).rowcount for one in group]
    if len(group) > 1:
        connection.execute("COMMIT")
    for one, count in zip(group, counts, strict=True):
        one.added = count == 1
