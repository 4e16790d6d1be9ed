"""What any store of signing keys does."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from server.storage.signing_keys import SealedKey
from tests.server.storage.conftest import NOW, Stores

THREADS = 4
FIRST = SealedKey("first", "ES256", "sealed", NOW)
SECOND = SealedKey("second", "RS256", "sealed", NOW + 1)


def test_keys_come_back_in_order(stores: Stores) -> None:
    """Keys come back as they were kept, oldest first. RFC 7517 5."""
    assert stores.signing_keys.all() == []
    assert stores.signing_keys.change(lambda _: [SECOND, FIRST]) == [FIRST, SECOND]
    assert stores.signing_keys.all() == [FIRST, SECOND]


def test_keys_are_removed(stores: Stores) -> None:
    """A key that nobody needs is gone. RFC 7517 5."""
    stores.signing_keys.change(lambda _: [FIRST, SECOND])
    assert stores.signing_keys.change(lambda _: [], lambda _: ["first"]) == [SECOND]


def test_processes_that_start_at_once_have_one_key(stores: Stores) -> None:
    """Of many that find no key, one makes it and all have it. STM-01."""
    barrier = Barrier(THREADS)

    def start(number: int) -> list[SealedKey]:
        def first(found: Sequence[SealedKey]) -> list[SealedKey]:
            return [] if found else [FIRST._replace(kid=f"kid {number}")]

        barrier.wait()
        return stores.signing_keys.change(first)

    with ThreadPoolExecutor(THREADS) as pool:
        one, *others = pool.map(start, range(THREADS))
    assert (len(one), others) == (1, [one] * (THREADS - 1))
