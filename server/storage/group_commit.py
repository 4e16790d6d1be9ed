"""Many small writes, one transaction: what waits for its turn is taken along by whoever has it.

Most of what a small insert costs SQLite is its transaction. Under load many threads queue for the
one writer's turn; the first of them then writes for all.
"""

import sqlite3
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
        self.added: bool | None = None  # None: not written yet
        self.failure: StoreUnavailable | None = None


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
                if mine.added is None and mine.failure is None:
                    self._write_all()
        except StoreUnavailable:
            with suppress(ValueError):
                self._waiting.remove(mine)
            raise
        if mine.failure:
            raise StoreUnavailable(str(mine.failure)) from mine.failure
        return bool(mine.added)

    def _write_all(self) -> None:
        group = []
        with suppress(IndexError):
            while True:
                group.append(self._waiting.popleft())
        try:
            self._work(lambda connection: _write(connection, group))
        except StoreUnavailable as failure:
            for one in group:
                one.failure = failure


def _write(connection: sqlite3.Connection, group: list[_Insert]) -> None:
    if len(group) > 1:
        connection.execute("BEGIN IMMEDIATE")
    counts = [connection.execute(one.statement, one.parameters).rowcount for one in group]
    if len(group) > 1:
        connection.execute("COMMIT")
    for one, count in zip(group, counts, strict=True):
        one.added = count == 1
