"""What any store of signing keys does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import Connection

from tests.server.storage.conftest import NOW, Stores

THREADS = 4


def never() -> tuple[str, str]:
    """Fail where no key is to be made."""
    raise AssertionError("a second key was made")


def test_the_first_start_makes_one(stores: Stores) -> None:
    """An empty store makes a key, and gives it back from then on. RFC 7517 5."""
    assert stores.signing_keys.load(lambda: ("kid", "sealed"), NOW) == ["sealed"]
    assert stores.signing_keys.load(never, NOW) == ["sealed"]


def test_a_process_that_comes_second_makes_none(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another process makes the key between look and lock, its key is the one. STM-01."""
    reading = stores.database.reading

    @contextmanager
    def outrun() -> Iterator[Connection]:
        with reading() as connection:
            yield connection
        monkeypatch.undo()
        stores.signing_keys.load(lambda: ("kid", "theirs"), NOW)

    monkeypatch.setattr(stores.database, "reading", outrun)
    assert stores.signing_keys.load(never, NOW) == ["theirs"]


def test_processes_that_start_at_once_have_one_key(stores: Stores) -> None:
    """Of many that find no key, one makes it and all have it. STM-01."""
    barrier = Barrier(THREADS)

    def load(number: int) -> list[str]:
        barrier.wait()
        return stores.signing_keys.load(lambda: (f"kid {number}", f"sealed {number}"), NOW)

    with ThreadPoolExecutor(THREADS) as pool:
        first, *others = pool.map(load, range(THREADS))
    assert (len(first), others) == (1, [first] * (THREADS - 1))
