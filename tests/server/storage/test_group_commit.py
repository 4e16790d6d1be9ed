"""Many small changes, one transaction."""

import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.core.ports import StoreUnavailable
from server.storage.database import Steps
from server.storage.group_commit import GroupCommit
from tests.faults.driver import Driver

PATIENCE = 20.0  # seconds; longer than any of these tests
INSERT = "INSERT INTO things VALUES (?, 0) ON CONFLICT DO NOTHING"
SWAP = "UPDATE things SET version = version + 1 WHERE name = ? AND version = ?"
HISTORY = "INSERT INTO history VALUES (?)"


def add(name: str) -> Steps:
    """Return a unit of one statement."""
    return [(INSERT, (name,))]


def swap(name: str, note: str, version: int = 0) -> Steps:
    """Return a unit of two: the second fails when the note was taken before."""
    return [(SWAP, (name, version)), (HISTORY, (note,))]


class Store:
    """Two tables in a file, a turn that a test can keep, and every statement that was run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.driver = Driver()
        self.lock = threading.Lock()
        self.statements: list[str] = []
        self.driver.look = self.statements.append
        self.commit = GroupCommit(self.turn, self.connect, PATIENCE)
        setup = sqlite3.Connection(path)
        setup.execute("CREATE TABLE things (name TEXT PRIMARY KEY, version INTEGER)")
        setup.execute("CREATE TABLE history (note TEXT PRIMARY KEY)")
        setup.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Give the turn."""
        with self.lock:
            yield

    def connect(self) -> sqlite3.Connection:
        """Open a connection, in no transaction."""
        return self.driver.connect(str(self.path), isolation_level=None, check_same_thread=False)

    def rows(self, table: str) -> list[Any]:
        """Return what others see in a table."""
        connection = sqlite3.Connection(self.path)
        found = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608
        connection.close()
        return found

    def together(self, units: list[Steps]) -> list[Any]:
        """Run each unit in a thread of its own; the first leads when all others wait."""
        return together(self.commit, units, self.lock)


def together(commit: GroupCommit, units: list[Steps], lock: threading.Lock) -> list[Any]:
    """Run units at once while somebody else has the turn; return what came of each."""
    answers: list[Any] = [None] * len(units)

    def run(place: int) -> None:
        try:
            answers[place] = commit.run(units[place])
        except (StoreUnavailable, SystemExit) as failure:
            answers[place] = str(failure)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(units))]
    with lock:
        for number, thread in enumerate(threads):
            thread.start()
            while not commit._led or len(commit._waiting) < number:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    store = Store(tmp_path / "things.db")
    yield store
    store.commit.close()


def test_what_waits_is_written_in_one_group(store: Store) -> None:
    """Whoever leads writes for all, in one transaction; each hears of its own. DAE-10."""
    assert store.together([add(name) for name in "abcd"]) == [True] * 4
    assert store.statements.count("COMMIT") == 1
    assert store.rows("things") == [(name, 0) for name in "abcd"]


def test_one_statement_alone_needs_no_transaction(store: Store) -> None:
    """What is a transaction by itself is not given another. DAE-10."""
    assert store.commit.run(add("a")) is True
    assert store.statements == [INSERT]


def test_of_two_alike_in_a_group_one_is_added(store: Store) -> None:
    """Uniqueness holds within a group as it does between groups. DAE-10."""
    assert store.together([add("a"), add("a"), add("b")]) == [True, False, True]
    assert store.commit.run(add("a")) is False


def test_of_two_swaps_in_a_group_one_wins(store: Store) -> None:
    """The second finds no such version any more, and nothing more of it is run. RT-02."""
    store.commit.run(add("a"))
    assert store.together([swap("a", "first"), swap("a", "second"), add("b")]) == [
        True,
        False,
        True,
    ]
    assert store.rows("history") == [("first",)]
    assert store.rows("things") == [("a", 1), ("b", 0)]


@pytest.mark.parametrize("place", range(3))
def test_a_unit_that_fails_fails_alone(store: Store, place: int) -> None:
    """All of it is undone, wherever it stands, and its neighbours are written. STM-06."""
    for name in "abc":
        store.commit.run(add(name))
    store.commit.run([(HISTORY, ("taken",))])
    units = [swap("a", "a"), swap("b", "b")]
    units.insert(place, swap("c", "taken"))
    answers = store.together(units)
    assert answers.pop(place) == "UNIQUE constraint failed: history.note"
    assert answers == [True, True]
    assert store.rows("things") == [("a", 1), ("b", 1), ("c", 0)]
    assert store.rows("history") == [("a",), ("b",), ("taken",)]


def test_what_failed_holds_no_lock(store: Store) -> None:
    """A unit that failed is rolled back at once, so that another process can write. RB-07."""
    store.commit.run([(HISTORY, ("taken",))])
    with pytest.raises(StoreUnavailable, match="UNIQUE") as caught:
        store.commit.run([*add("a"), (HISTORY, ("taken",))])
    other = sqlite3.connect(store.path, timeout=0.01)
    other.execute("INSERT INTO things VALUES ('b', 0)")
    other.commit()
    other.close()
    assert store.rows("things") == [("b", 0)]
    del caught  # its traceback holds the cursor until here


def test_what_cannot_be_bound_fails_alone(store: Store) -> None:
    """A value that no column holds is a failure of its unit, of whatever kind. LO-02."""
    assert store.together([add("a"), swap("a", "note", 2**64)]) == [
        True,
        "Python int too large to convert to SQLite INTEGER",
    ]


@pytest.mark.parametrize("failing", ["BEGIN IMMEDIATE", "COMMIT"])
def test_a_transaction_that_fails_fails_for_all(store: Store, failing: str) -> None:
    """Nobody is told that his row is there when it is not; the next try works. LO-02."""

    def look(statement: str) -> None:
        if statement == failing:
            raise sqlite3.OperationalError("disk I/O error")

    store.driver.look = look
    assert store.together([add("a"), add("b")]) == ["disk I/O error"] * 2
    store.driver.look = store.statements.append
    assert store.rows("things") == []
    assert store.commit.run(add("a")) is True


def test_a_store_that_does_not_open_fails_for_all(store: Store) -> None:
    """Where there is no connection, all that wait are told so. LO-02."""
    store.commit._connect = fail
    assert store.together([add("a"), add("b")]) == ["unable to open database file"] * 2


def fail() -> sqlite3.Connection:
    """Connect to nothing."""
    raise sqlite3.OperationalError("unable to open database file")


def test_who_gets_no_turn_leaves_nothing_behind(store: Store) -> None:
    """A unit that was refused is not written later by somebody else. LO-02."""
    turns = [StoreUnavailable("too many writers"), None]

    @contextmanager
    def turn() -> Iterator[None]:
        if refused := turns.pop(0):
            raise refused
        yield

    commit = GroupCommit(turn, store.connect, PATIENCE)
    with pytest.raises(StoreUnavailable, match="too many writers"):
        commit.run(add("a"))
    assert commit.run(add("b")) is True
    assert store.rows("things") == [("b", 0)]
    commit.close()


def test_a_leader_without_a_turn_calls_the_next(store: Store) -> None:
    """When the leader gives up, the first of those that wait tries for itself. LO-02."""
    waits = threading.Event()
    turns: list[Callable[[], object]] = [lambda: waits.wait(PATIENCE), lambda: None]

    @contextmanager
    def turn() -> Iterator[None]:
        if turns.pop(0)():
            raise StoreUnavailable("too many writers")
        yield

    commit = GroupCommit(turn, store.connect, PATIENCE)
    nobodys = threading.Lock()

    def let_go() -> None:
        while len(commit._waiting) < 2:
            threading.Event().wait(0.001)
        waits.set()

    watcher = threading.Thread(target=let_go)
    watcher.start()
    answers = together(commit, [add("a"), add("b"), add("c")], nobodys)
    watcher.join()
    assert answers == ["too many writers", True, True]
    assert store.rows("things") == [("b", 0), ("c", 0)]
    commit.close()


def test_who_waits_too_long_is_withdrawn(store: Store) -> None:
    """A unit whose time is up is not written later, and the others do not wait for it. LO-02."""
    commit = GroupCommit(store.turn, store.connect, patience=0.01)
    with store.lock:
        leader = threading.Thread(target=commit.run, args=(add("a"),))
        leader.start()
        while not commit._led:
            threading.Event().wait(0.001)
        with pytest.raises(StoreUnavailable, match="too many writers"):
            commit.run(add("b"))
    leader.join()
    assert commit.run(add("c")) is True
    assert store.rows("things") == [("a", 0), ("c", 0)]
    commit.close()


def test_who_is_on_his_way_waits_for_it(store: Store) -> None:
    """When the time is up while another thread writes the row, its word counts. LO-02."""
    commit = GroupCommit(store.turn, store.connect, patience=0.01)
    gave_up = threading.Event()

    def look(statement: str) -> None:
        if statement == "COMMIT":
            threading.Timer(0.05, gave_up.set).start()
            gave_up.wait(PATIENCE)

    store.driver.look = look
    assert together(commit, [add("a"), add("b")], store.lock) == [True, True]
    commit.close()


def test_what_interrupts_the_leader_is_nobodys_success(store: Store) -> None:
    """A leader that is stopped amid its group leaves nobody believing or waiting. LO-02."""

    def look(statement: str) -> None:
        if statement == "COMMIT":
            raise SystemExit("stopped")

    store.driver.look = look
    assert store.together([add("a"), add("b")]) == ["stopped", "interrupted"]
    store.driver.look = store.statements.append
    assert store.rows("things") == []
    assert store.commit.run(add("a")) is True


@contextmanager
def interrupted(commit: GroupCommit, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Interrupt this thread, as Ctrl-C does, while its unit waits; but first let things happen."""
    handled = threading.Event()

    def interrupt(*_: object) -> None:
        if not handled.is_set() and not commit._mutex.locked():
            handled.set()
            meanwhile()
            raise KeyboardInterrupt

    def send() -> None:
        while not commit._waiting:
            threading.Event().wait(0.001)
        while not handled.wait(0.001):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGURG)

    before = signal.signal(signal.SIGURG, interrupt)
    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    sender.join()
    signal.signal(signal.SIGURG, before)


def leading(commit: GroupCommit) -> threading.Thread:
    """Start a thread that leads, with row a."""
    leader = threading.Thread(target=commit.run, args=(add("a"),))
    leader.start()
    while not commit._led:
        threading.Event().wait(0.001)
    return leader


def test_who_is_interrupted_while_waiting_is_withdrawn(store: Store) -> None:
    """A unit whose thread has gone is neither written nor called to lead. LO-02."""
    with store.lock:
        leader = leading(store.commit)
        with interrupted(store.commit, lambda: None):
            store.commit.run(add("b"))
    leader.join()
    assert store.commit.run(add("c")) is True
    assert store.rows("things") == [("a", 0), ("c", 0)]


def test_who_is_interrupted_on_his_way_holds_up_nobody(store: Store) -> None:
    """A unit that was taken along is written without its thread, and the next one too. LO-02."""
    store.lock.acquire()
    leader = leading(store.commit)

    def write() -> None:
        store.lock.release()
        leader.join()

    with interrupted(store.commit, write):
        store.commit.run(add("b"))
    assert store.commit.run(add("c")) is True
    assert store.rows("things") == [(name, 0) for name in "abc"]


def test_who_is_interrupted_when_called_calls_the_next(store: Store) -> None:
    """A thread that was to lead and has gone leaves the lead to those that wait. LO-02."""
    writing, written = threading.Event(), threading.Event()

    def look(_: str) -> None:
        writing.set()
        written.wait(PATIENCE)

    store.driver.look = look
    leader = leading(store.commit)
    assert writing.wait(PATIENCE)
    follower = threading.Thread(target=store.commit.run, args=(add("c"),))

    def finish() -> None:
        follower.start()
        while len(store.commit._waiting) < 2:
            threading.Event().wait(0.001)
        written.set()
        leader.join()

    with interrupted(store.commit, finish):
        store.commit.run(add("b"))
    follower.join()
    assert store.rows("things") == [("a", 0), ("c", 0)]


def test_many_threads_lose_nothing(store: Store) -> None:
    """However many come at any moment, each is answered, and each row is there once. STM-01."""
    threads, rows = 16, 50
    answers: list[bool] = []

    def work(number: int) -> None:
        answers.extend(store.commit.run(add(f"{number} {row}")) for row in range(rows))

    hands = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert answers == [True] * (threads * rows)
    assert len(store.rows("things")) == threads * rows
