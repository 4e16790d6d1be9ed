"""Many small writes, one transaction."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from server.core.ports import StoreUnavailable
from server.storage.group_commit import GroupCommit

INSERT = "INSERT INTO things VALUES (?) ON CONFLICT DO NOTHING"


class Store:
    """A table, a turn that a test can keep, and what was done on the connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.execute("CREATE TABLE things (name TEXT PRIMARY KEY)")
        self.lock = threading.Lock()
        self.groups = 0
        self.failing = False
        self.commit = GroupCommit(self.turn, self.work)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Give the turn."""
        with self.lock:
            yield

    def work(self, do: Callable[[sqlite3.Connection], None]) -> None:
        """Lend the connection."""
        self.groups += 1
        if self.failing:
            raise StoreUnavailable("disk full")
        do(self.connection)

    def insert_together(self, names: list[str]) -> list[Any]:
        """Insert each name in a thread of its own, all waiting for the turn; return what came."""
        answers: list[Any] = [None] * len(names)

        def insert(place: int) -> None:
            try:
                answers[place] = self.commit.insert(INSERT, (names[place],))
            except (StoreUnavailable, OverflowError) as failure:
                answers[place] = failure

        threads = [threading.Thread(target=insert, args=(place,)) for place in range(len(names))]
        with self.lock:
            for thread in threads:
                thread.start()
            while len(self.commit._waiting) < len(names):
                threading.Event().wait(0.001)
        for thread in threads:
            thread.join()
        return answers


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an empty store."""
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with closing(database) as connection:
        yield Store(connection)


def test_what_waits_is_written_in_one_group(store: Store) -> None:
    """Whoever gets the turn writes for all; each hears of its own. DAE-10."""
    assert store.insert_together(["a", "b", "c", "d"]) == [True] * 4
    assert store.groups == 1
    assert store.connection.execute("SELECT count(*) FROM things").fetchone() == (4,)


def test_of_two_alike_in_a_group_one_is_added(store: Store) -> None:
    """Uniqueness holds within a group as it does between groups. DAE-10."""
    assert sorted(store.insert_together(["a", "a", "b"])) == [False, True, True]
    assert store.commit.insert(INSERT, ("a",)) is False


def test_a_group_that_fails_fails_for_all(store: Store) -> None:
    """Nobody is told that his row is there when it is not; the next try works. LO-02."""
    store.failing = True
    answers = store.insert_together(["a", "b"])
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 2
    store.failing = False
    assert store.commit.insert(INSERT, ("a",)) is True


def test_who_gets_no_turn_leaves_nothing_behind(store: Store) -> None:
    """An insert that was refused is not written later by somebody else. LO-02."""

    @contextmanager
    def no_turn() -> Iterator[None]:
        raise StoreUnavailable("too many writers")
        yield

    commit = GroupCommit(no_turn, store.work)
    with pytest.raises(StoreUnavailable):
        commit.insert(INSERT, ("a",))
    assert not commit._waiting


def test_who_was_taken_along_needs_no_turn(store: Store) -> None:
    """A row that somebody else has written is added, though its own turn never came. LO-02."""

    @contextmanager
    def late() -> Iterator[None]:
        commit._write_all()
        raise StoreUnavailable("too many writers")
        yield

    commit = GroupCommit(late, store.work)
    assert commit.insert(INSERT, ("a",)) is True
    store.failing = True
    with pytest.raises(StoreUnavailable):
        commit.insert(INSERT, ("b",))


def test_who_is_on_his_way_waits_for_it(store: Store) -> None:
    """When the turn does not come while another thread writes the row, its word counts. LO-02."""
    taken, gave_up = threading.Event(), threading.Event()

    def work(do: Callable[[sqlite3.Connection], None]) -> None:
        taken.set()
        gave_up.wait(20)
        store.work(do)

    writer: list[threading.Thread] = []

    @contextmanager
    def late() -> Iterator[None]:
        writer.append(threading.Thread(target=commit._write_all))
        writer[0].start()
        taken.wait(20)
        threading.Timer(0.01, gave_up.set).start()
        raise StoreUnavailable("too many writers")
        yield

    commit = GroupCommit(late, work)
    assert commit.insert(INSERT, ("a",)) is True
    writer[0].join()


def test_whatever_fails_fails_for_all(store: Store) -> None:
    """A failure of another kind leaves nobody believing that his row is there. LO-02."""

    def fail(_: Callable[[sqlite3.Connection], None]) -> None:
        raise OverflowError("a number too large")

    store.commit._work = fail
    answers = store.insert_together(["a", "b", "c"])
    assert sorted(type(answer).__name__ for answer in answers) == [
        "OverflowError",
        "StoreUnavailable",
        "StoreUnavailable",
    ]
