"""What any store of accounts does."""

from tests.server.storage.conftest import ADA, Stores


def test_an_account_comes_back(stores: Stores) -> None:
    """An account is found by its subject and by its username, field by field. LG-04."""
    assert stores.accounts.add(ADA)
    assert stores.accounts.find(ADA.subject) == ADA
    assert stores.accounts.find_by_username("ada") == ADA


def test_an_unknown_account_is_none(stores: Stores) -> None:
    """What is not there is None. LG-04."""
    assert stores.accounts.find("ada") is None
    assert stores.accounts.find_by_username(ADA.subject) is None


def test_a_username_is_taken_once(stores: Stores) -> None:
    """A second account of one username is refused, and the first stays as it is. LG-04."""
    assert stores.accounts.add(ADA)
    assert not stores.accounts.add(ADA._replace(subject="another", name="Another"))
    assert stores.accounts.find_by_username("ada") == ADA
    assert stores.accounts.find("another") is None


def test_a_subject_is_taken_once(stores: Stores) -> None:
    """A subject is never given again. RFC 9068 2.2."""
    assert stores.accounts.add(ADA)
    assert not stores.accounts.add(ADA._replace(username="another"))


def test_a_disabled_account_says_so(stores: Stores) -> None:
    """The mark of a disabled account is kept as a truth value. VER-21."""
    assert stores.accounts.add(ADA._replace(disabled=True))
    found = stores.accounts.find(ADA.subject)
    assert found
    assert found.disabled is True
