"""Identifiers that were seen, on both backends."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from server.storage.cleaning import clean
from server.storage.database import Database
from server.storage.marks import SQLMarks
from server.storage.schema import marks as table
from tests.server.storage.conftest import NOW
from tests.server.storage.test_cleaning import SETTINGS

THREADS = 16


@pytest.fixture
def marks(database: Database) -> SQLMarks:
    """Give the marks, on each backend in turn."""
    return SQLMarks(database)


def test_an_identifier_is_new_once(marks: SQLMarks) -> None:
    """The first mark succeeds and is there; every later one is told so. DP-02."""
    assert not marks.marked("one")
    assert [marks.mark("one", NOW + 1), marks.mark("one", NOW + 2)] == [True, False]
    assert marks.marked("one")


def test_each_identifier_counts_alone(marks: SQLMarks) -> None:
    """What looks alike is not the same. DP-02."""
    marks.mark("proof key 1", NOW)
    alike = ("proof key 11", "proof key", "Proof key 1", "proof key 1 ", "")
    assert not any(marks.marked(one) for one in alike)
    assert all(marks.mark(one, NOW) for one in alike)


@pytest.mark.parametrize("identifier", ["", "é" * 500, "x" * 100_000, "a\0b", "\ud800", "%", "'"])
def test_whatever_others_made_up_can_be_marked(marks: SQLMarks, identifier: str) -> None:
    """Strangers choose these texts: each is kept and found again. DP-02."""
    assert marks.mark(identifier, NOW)
    assert not marks.mark(identifier, NOW)
    assert marks.marked(identifier)


def test_texts_that_no_database_can_tell_apart_differ(marks: SQLMarks) -> None:
    """NUL and lone surrogates are not folded into one mark. DP-02."""
    assert all(marks.mark(one, NOW) for one in ("a\0", "a\ud800", "a\ufffd", "a?"))


def test_of_many_at_once_one_marks(marks: SQLMarks) -> None:
    """Sixteen threads mark one identifier: exactly one is told that it is new. DP-02."""
    start = Barrier(THREADS)

    def mark(_: int) -> bool:
        start.wait()
        return marks.mark("one", NOW)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(mark, range(THREADS))) == 1


def test_another_process_sees_a_mark(database: Database, marks: SQLMarks) -> None:
    """A mark is in the database, not in who made it. DP-02."""
    marks.mark("one", NOW)
    assert not SQLMarks(database).mark("one", NOW)


def test_a_mark_rests_as_a_digest(database: Database, marks: SQLMarks) -> None:
    """The identifier itself, which others made up, is not kept. DP-02."""
    marks.mark("a telling identifier", NOW)
    with database.reading() as connection:
        (key,) = connection.scalars(select(table.c.key)).all()
    assert len(key) == 32
    assert b"telling" not in key


def test_a_mark_is_kept_until_its_time(database: Database, marks: SQLMarks) -> None:
    """Cleaning leaves it until then and takes it after that. DP-02."""
    marks.mark("one", NOW + 1)
    clean(database, SETTINGS, NOW + 0.9)
    assert marks.marked("one")
    clean(database, SETTINGS, NOW + 1)
    assert marks.mark("one", NOW + 2)
