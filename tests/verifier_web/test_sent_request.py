"""What an application asks by way of the browser."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import OAuthError
from verifier_web.sent_request import SentRequest, read

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1)


def test_reads_in_order() -> None:
    """Every pair is kept, in its order, decoded; nothing between two `&` is no pair. RFC 6749 B"""
    sent = read(b"b=2&&a=%C3%BC+1&b=%26&c")
    assert sent.pairs == (("b", "2"), ("a", "ü 1"), ("b", "&"), ("c", ""))


def test_raw_letters() -> None:
    """A browser's or proxy's raw UTF-8 is read as well, and is plain ASCII from here on. AC-12"""
    assert read("state=ü".encode()).query == "state=%C3%BC"


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_is_carried_unchanged(pairs: list[tuple[str, str]]) -> None:
    """Whatever was sent comes through every page as it was, in harmless letters. AC-11, AC-12"""
    query = SentRequest(tuple(pairs)).query
    assert re.fullmatch(r"[\w%&+.~=-]*", query, re.ASCII)
    assert read(query.encode()).pairs == tuple(pairs)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (b"state=%FF", "not UTF-8"),
        (b"state=\xff", "not UTF-8"),
        (b"%C3=1", "not UTF-8"),
        (b"state=%00", "NUL"),
        (b"st\x00ate=1", "NUL"),
        (b"state=" + b"x" * 16 * 1024, "too long"),
        (b"state=" + b"%41" * 6000, "too long"),
        (b"state=" + b"!" * 6000, "too long"),
    ],
)
def test_refuses(query: bytes, reason: str) -> None:
    """What is not UTF-8, holds NUL or has more than 16 KB is not read. RFC 6749 B, LO-02"""
    with pytest.raises(OAuthError, match=f"invalid_request.*{reason}"):
        read(query)


def test_which_of_two_is_not_guessed() -> None:
    """A parameter that occurs twice counts as none where all are optional. RFC 6749 3.1"""
    assert read(b"a=1&b=2&a=3").once == {"b": "2"}
