"""Form bodies."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import OAuthError
from server.endpoints.form import parse

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(NAMES, NAMES))
def test_what_is_encoded_comes_back(parameters: dict[str, str]) -> None:
    """Any names and values survive the encoding. RFC 6749 Appendix B."""
    assert parse(urlencode(parameters).encode()) == parameters


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    """No body breaks the parser, and no value is empty. RFC 6749 3.2."""
    with suppress(OAuthError):
        assert all(parse(body).values())


@pytest.mark.parametrize("body", [b"", b"a", b"a=", b"="])
def test_what_has_no_value_is_absent(body: bytes) -> None:
    """A name without a value is no parameter. DAE-04."""
    assert parse(body) == {}
