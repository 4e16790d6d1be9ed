"""Many small changes, one transaction: what waits is taken along by whoever writes.

Most of what a small change costs SQLite is its transaction, above all one that must be on the disk.
Under load many threads have one to write: the first leads and writes for all that wait, then the
first of those who came meanwhile leads. What is lost or fails in a group does so for itself alone.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from server.core.ports import StoreUnavailable
from server.storage.database import Steps, carry_out

_INTERRUPTED = StoreUnavailable("interrupted")


class _Unit:
    """One change on its way: steps that are carried out together or not at all."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.called = threading.Lock()  # let go once, when it is decided or is to lead
        self.called.acquire()
        self.leads = False
        self.decided = False
        self.changed = False
        self.failure: Exception | None = _INTERRUPTED  # until it is committed

    def carry_out(self, connection: sqlite3.Connection) -> None:
        """Do it, within a transaction."""
        try:
            self.changed = carry_out(connection, self.steps)
        except Exception as failure:
            self.failure = failure
            raise


class GroupCommit:
    """Carries out units in groups, on one connection of its own.

    `turn` is the right to write, which others have as well; `connect` opens the connection, and so
    decides how durable a unit is; `patience` is in seconds.
    """

    def __init__(
        self,
        turn: Callable[[], AbstractContextManager[None]],
        connect: Callable[[], sqlite3.Connection],
        patience: float,
    ) -> None:
        self._turn = turn
        self._connect = connect
        self._patience = patience
        self._idle: deque[sqlite3.Connection] = deque(maxlen=1)
        self._waiting: deque[_Unit] = deque()
        self._led = False  # somebody writes, or was called to
        self._mutex = threading.Lock()  # of these two; never kept while anything is waited for

    def run(self, steps: Steps) -> bool:
        """Carry out a unit; False when it changed nothing. Raises StoreUnavailable."""
        mine = _Unit(steps)
        try:
            if self._leads(mine):
                self._lead(mine)
        finally:
            if not mine.decided:
                self._leave(mine)
        if mine.failure:
            raise StoreUnavailable(str(mine.failure)) from mine.failure
        return mine.changed

    def close(self) -> None:
        """Close the connection unless it is in use."""
        with suppress(IndexError):
            self._idle.pop().close()

    def _leads(self, mine: _Unit) -> bool:
        """Wait; True when it is to lead, False when it is decided. Raises StoreUnavailable."""
        with self._mutex:
            mine.leads, self._led = not self._led, True
            if mine.leads:
                return True
            self._waiting.append(mine)
        if not mine.called.acquire(timeout=self._patience):
            with self._mutex:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                    raise StoreUnavailable("too many writers")
            mine.called.acquire()  # another thread has taken it along, so what comes of it counts
        return mine.leads

    def _lead(self, mine: _Unit) -> None:
        """Write for all that wait when our turn comes."""
        others: deque[_Unit] = deque()
        try:
            with self._turn():
                with self._mutex:
                    others, self._waiting = self._waiting, others
                self._write([mine, *others])
        finally:
            for unit in others:
                unit.decided = True
                unit.called.release()

    def _leave(self, mine: _Unit) -> None:
        """Call the next after one that led; withdraw one that was interrupted while it waited."""
        with self._mutex:
            if mine.leads:
                self._led = bool(self._waiting)
                if self._led:
                    following = self._waiting.popleft()
                    following.leads = True
                    following.called.release()
            elif mine in self._waiting:
                self._waiting.remove(mine)

    def _write(self, group: list[_Unit]) -> None:
        """Write a group; when one of it fails, the others again without it."""
        while group:
            try:
                self._commit(group)
            except Exception as failure:
                # When it was nobody's statement, but the lock or the disk, it is everybody's.
                failing = [unit for unit in group if unit.failure is not _INTERRUPTED] or group
                for unit in failing:
                    unit.failure = failure
                group = [unit for unit in group if unit not in failing]
            else:
                for unit in group:
                    unit.failure = None
                return

    def _commit(self, group: list[_Unit]) -> None:
        """Carry out a group in one transaction. Raises what a unit raised, which is told in it."""
        connection = self._lent()
        alone = len(group) == 1 and len(group[0].steps) == 1
        try:
            if not alone:
                connection.execute("BEGIN IMMEDIATE")
            for unit in group:
                unit.carry_out(connection)
            if not alone:
                connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.rollback()  # closing waits for cursors, which a traceback may hold
            connection.close()
            raise
        self._idle.append(connection)

    def _lent(self) -> sqlite3.Connection:
        with suppress(IndexError):
            return self._idle.pop()
        return self._connect()
