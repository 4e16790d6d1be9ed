"""What any store of clients does."""

import pytest

from tests.server.storage.conftest import TV, Stores


@pytest.mark.parametrize("secret_digest", [None, b"\0\xff" * 16])
def test_a_client_comes_back(stores: Stores, secret_digest: bytes | None) -> None:
    """A public and a confidential client are found field by field. DAE-03."""
    client = TV._replace(secret_digest=secret_digest)
    assert stores.clients.add(client)
    assert stores.clients.find("tv") == client


@pytest.mark.parametrize("client_id", ["", "TV", "tv ", "tv\0", "' OR 1=1 --", "\N{TELEVISION}"])
def test_an_unknown_client_is_none(stores: Stores, client_id: str) -> None:
    """Only the very same id finds a client. DAE-02."""
    assert stores.clients.add(TV)
    assert stores.clients.find(client_id) is None


def test_a_client_id_is_taken_once(stores: Stores) -> None:
    """A second client of one id is refused, and the first stays as it is. RFC 6749 2.2."""
    assert stores.clients.add(TV)
    assert not stores.clients.add(TV._replace(name="Another", secret_digest=b"x"))
    assert stores.clients.find("tv") == TV


def test_all_origins_are_one_set(stores: Stores) -> None:
    """What each client lists is there, once, and nothing for those who list none. TE-13."""
    assert stores.clients.origins() == frozenset()
    for client_id, origins in (("one", "https://a.example null"), ("two", "null"), ("three", "")):
        assert stores.clients.add(TV._replace(client_id=client_id, origins=origins))
    assert stores.clients.origins() == {"https://a.example", "null"}
