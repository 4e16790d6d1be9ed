"""The code a person reads and types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.user_code import ALPHABET, UserCodes, display, normalize

CODES = UserCodes(b"a key")


def test_the_alphabet_has_no_vowels_digits_or_look_alikes() -> None:
    """Twenty capital letters, none of AEIOUY. VER-11, COD-09."""
    assert len(set(ALPHABET)) == len(ALPHABET) == 20
    assert not set(ALPHABET) & set("AEIOUY0123456789")


@given(st.binary(max_size=32), st.integers(6, 12))
def test_a_code_is_of_the_alphabet_and_comes_back(digest: bytes, length: int) -> None:
    """A code has its length, and is the same whenever it is derived. COD-09."""
    code = CODES.make(digest, length)
    assert len(code) == length
    assert set(code) <= set(ALPHABET)
    assert code == CODES.make(digest, length)


def test_without_the_key_a_device_code_gives_another_code() -> None:
    """Neither code nor digest can be computed from what the database holds. COD-05."""
    other = UserCodes(b"another key")
    assert other.make(b"digest", 8) != CODES.make(b"digest", 8)
    assert other.digest("WDJBMJHT") != CODES.digest("WDJBMJHT")


def test_letters_are_evenly_spread() -> None:
    """Over 20,000 codes each letter stands in each place about as often. COD-03."""
    codes = [CODES.make(number.to_bytes(32), 8) for number in range(20_000)]
    for place in range(8):
        seen = [code[place] for code in codes]
        counts = [seen.count(letter) for letter in ALPHABET]
        assert sum((count - 1000) ** 2 / 1000 for count in counts) < 55  # chi-square, p < 1e-4


@pytest.mark.parametrize(
    "typed",
    ["WDJB-MJHT", "wdjbmjht", " wdjb mjht\n", "WDJB\u2014MJHT", "\uff37\uff24\uff2a\uff22MJHT"],
)
def test_input_is_forgiven(typed: str) -> None:
    """Case, separators and full-width letters do not matter. VER-10."""
    assert normalize(typed) == "WDJBMJHT"


@pytest.mark.parametrize(("typed", "meant"), [("1", "L"), ("5", "S"), ("8", "B"), ("u", "V")])
def test_confusions_are_mapped_where_they_have_one_meaning(typed: str, meant: str) -> None:
    """What can only be one letter of the alphabet is taken for it. VER-11."""
    assert normalize(typed) == meant


@given(st.text(max_size=300))
def test_anything_can_be_typed(typed: str) -> None:
    """Whatever is typed, what remains is of the alphabet. VER-10."""
    assert set(normalize(typed)) <= set(ALPHABET)


@pytest.mark.parametrize(
    ("code", "shown"), [("WDJBMJHT", "WDJB-MJHT"), ("WDJBMJHTBB", "WDJB-MJHT-BB"), ("", "")]
)
def test_a_code_is_shown_in_groups_of_four(code: str, shown: str) -> None:
    """Groups are easier to carry from one screen to another. RFC 8628 6.1."""
    assert display(code) == shown
