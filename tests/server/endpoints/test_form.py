"""Form bodies."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import OAuthError
from server.endpoints.form import FORM, parse
from tests.server.played_client import told
from tests.server.stage import Stage

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


@pytest.mark.parametrize(
    "content_type",
    [
        FORM,
        f"{FORM}; charset=UTF-8",
        f"{FORM};charset=iso-8859-1",
        f" {FORM.upper()} ; x",
    ],
)
def test_a_charset_changes_nothing(any_stage: Stage, content_type: str) -> None:
    """Forms are UTF-8 by definition, whatever a library adds to their type. DAE-01, TE-03."""
    body = "client_id=tv&device_name=K%C3%BCche"
    answer = any_stage.post("/device_authorization", body, content_type=content_type)
    codes = answer.json or {}
    session = any_stage.session()
    reference = any_stage.claim(codes["user_code"], session)
    shown = any_stage.server.find_device_request(reference, session)
    assert shown
    assert shown.device_name == "K\N{LATIN SMALL LETTER U WITH DIAERESIS}che"


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", "text/plain"]
)
@pytest.mark.parametrize(
    "path", ["/token", "/device_authorization", "/par", "/revoke", "/introspect"]
)
def test_nothing_but_a_form_is_read(any_stage: Stage, path: str, content_type: str) -> None:
    """Another type is invalid_request at every endpoint. DAE-01."""
    answer = any_stage.post(path, "client_id=tv&token=x", content_type=content_type)
    assert told(answer) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [b"client_id=tv&x=K\xfcche", b"client_id=tv&x=K%FCche", b"client_id=tv&x=%00", b"x=a&x=b"],
)
@pytest.mark.parametrize(
    "path", ["/token", "/device_authorization", "/par", "/revoke", "/introspect"]
)
def test_a_broken_form_is_refused(any_stage: Stage, path: str, body: bytes) -> None:
    """Latin-1, a NUL or a parameter twice is invalid_request at every endpoint. TE-03, DAE-06."""
    assert told(any_stage.post(path, body)) == (400, "invalid_request")


def test_only_resource_may_occur_twice() -> None:
    """Its values are kept with a space between; those of others are refused. RFC 8707 2."""
    assert parse(b"resource=a&x=1&resource=b") == {"resource": "a b", "x": "1"}
    with pytest.raises(OAuthError):
        parse(b"resources=a&resources=b")


def test_what_a_form_says_more_is_ignored(any_stage: Stage) -> None:
    """A parameter that nobody knows changes nothing. TE-03."""
    assert any_stage.start(foo="bar").keys() == any_stage.start().keys()
