"""What any store of pushed authorization requests does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.server.storage.conftest import PUSHED, Stores

THREADS = 16


def test_a_request_comes_back(stores: Stores) -> None:
    """A pushed request is found field by field, as often as it is looked at. PA-03."""
    unicode = PUSHED._replace(parameters='{"state": "\u00e4\U0001f4fa\\u0000"}')
    stores.pushed_requests.add(unicode)
    for _ in range(2):
        assert stores.pushed_requests.find(unicode.digest) == unicode


def test_what_is_unknown_is_none(stores: Stores) -> None:
    """An unknown request is None, and cannot be used up. PA-03."""
    stores.pushed_requests.add(PUSHED)
    assert stores.pushed_requests.find(b"another") is None
    assert not stores.pushed_requests.remove(b"another")
    assert stores.pushed_requests.find(PUSHED.digest) == PUSHED


def test_a_request_is_used_up_once(stores: Stores) -> None:
    """The second time it is not there any more, and others are. PA-03."""
    other = PUSHED._replace(digest=b"o" * 32)
    for request in (PUSHED, other):
        stores.pushed_requests.add(request)
    assert stores.pushed_requests.remove(PUSHED.digest)
    assert not stores.pushed_requests.remove(PUSHED.digest)
    assert stores.pushed_requests.find(PUSHED.digest) is None
    assert stores.pushed_requests.find(other.digest) == other


def test_a_name_is_taken_once(stores: Stores) -> None:
    """A digest that is taken is not overwritten. PA-03."""
    stores.pushed_requests.add(PUSHED)
    with pytest.raises(Exception, match=r"(?i)unique"):
        stores.pushed_requests.add(PUSHED._replace(client_id="thief"))
    assert stores.pushed_requests.find(PUSHED.digest) == PUSHED


def test_of_many_at_once_one_uses_it_up(stores: Stores) -> None:
    """Of 16 answers to one request at once, one counts. PA-03."""
    stores.pushed_requests.add(PUSHED)
    barrier = Barrier(THREADS)

    def remove(_: int) -> bool:
        barrier.wait()
        return stores.pushed_requests.remove(PUSHED.digest)

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(remove, range(THREADS))).count(True) == 1
