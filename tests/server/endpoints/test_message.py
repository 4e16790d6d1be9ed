"""HTTP for machines: what is read of a request, and how refusals are written."""

import json
from io import BytesIO
from typing import Any

import pytest

from server.core.errors import ErrorCode, NonceNeeded, OAuthError, TooMany
from server.endpoints.message import LARGEST_BODY, HTTPRequest, read, refusal

REQUEST = HTTPRequest("POST", "", b"", None, "", "", "")


def environ(**more: Any) -> dict[str, Any]:
    """Return a WSGI environment of a request with a body that is too large."""
    body = BytesIO(b"x" * (2 * LARGEST_BODY))
    return {"REQUEST_METHOD": "POST", "wsgi.input": body, **more}


def test_a_request_is_read_with_its_headers() -> None:
    """Each header that matters has its place, and the path is the whole one. RFC 9449 4.1."""
    found = read(
        environ(
            SCRIPT_NAME="/base",
            PATH_INFO="/token",
            CONTENT_TYPE="text/plain",
            HTTP_AUTHORIZATION="Basic x",
            HTTP_DPOP="a proof",
            HTTP_PREFER="wait=5",
            HTTP_USER_AGENT="Cinema",
            REMOTE_ADDR="192.0.2.1",
        )
    )
    assert found == HTTPRequest(
        "POST",
        "text/plain",
        b"",
        "Basic x",
        "192.0.2.1",
        "Cinema",
        "wait=5",
        "/base/token",
        "a proof",
    )


def test_headers_that_are_not_there_are_told_from_empty_ones() -> None:
    """No proof and no credentials are None: an empty DPoP header is a wrong one. RFC 9449 4.3."""
    assert (read(environ()).dpop, read(environ()).authorization) == (None, None)
    assert read(environ(HTTP_DPOP="")).dpop == ""


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ({}, 0),
        ({"CONTENT_LENGTH": ""}, 0),
        ({"CONTENT_LENGTH": "0"}, 0),
        ({"CONTENT_LENGTH": "7"}, 7),
        ({"CONTENT_LENGTH": "99999"}, LARGEST_BODY + 1),
        ({"CONTENT_LENGTH": "9" * 5000}, LARGEST_BODY + 1),
        ({"CONTENT_LENGTH": "seven"}, LARGEST_BODY + 1),
        ({"wsgi.input_terminated": True}, LARGEST_BODY + 1),
    ],
)
def test_no_more_is_read_than_shows_that_it_is_too_much(
    headers: dict[str, Any], length: int
) -> None:
    """At most one byte beyond the largest body, whatever the length claims. RFC 9110 15.5.14."""
    assert len(read(environ(**headers)).body) == length


@pytest.mark.parametrize(
    ("code", "authorization", "status", "challenge"),
    [
        (ErrorCode.INVALID_GRANT, None, 400, None),
        (ErrorCode.INVALID_DPOP_PROOF, None, 400, None),
        (ErrorCode.INVALID_DPOP_PROOF, "Basic x", 400, None),
        (ErrorCode.INVALID_CLIENT, None, 400, None),
        (ErrorCode.INVALID_CLIENT, "Basic x", 401, "Basic"),
        (ErrorCode.INVALID_TOKEN, "Bearer x", 401, "Bearer"),
        (ErrorCode.INVALID_TOKEN, "DPoP x", 401, "DPoP"),
        (ErrorCode.INVALID_TOKEN, "dpop x", 401, "DPoP"),
        (ErrorCode.INSUFFICIENT_SCOPE, "DPoP x", 403, "DPoP"),
        (ErrorCode.TEMPORARILY_UNAVAILABLE, None, 503, None),
    ],
)
def test_each_error_has_its_status_and_challenge(
    code: ErrorCode, authorization: str | None, status: int, challenge: str | None
) -> None:
    """The challenge is in the scheme that was used. TE-04, BR-03, RFC 9449 7.1."""
    answer = refusal(OAuthError(code, "why"), REQUEST._replace(authorization=authorization))
    sent = dict(answer.headers).get("WWW-Authenticate", "")
    assert (answer.status, sent.partition(" ")[0] or None) == (status, challenge)
    assert json.loads(answer.body) == {"error": code, "error_description": "why"}


def test_a_nonce_is_sent_in_its_header() -> None:
    """use_dpop_nonce is 400 with DPoP-Nonce, and the body is an error as any. DP-05."""
    answer = refusal(NonceNeeded("n1"), REQUEST)
    assert (answer.status, dict(answer.headers)["DPoP-Nonce"]) == (400, "n1")
    assert json.loads(answer.body)["error"] == "use_dpop_nonce"


def test_too_many_says_when_to_come_again() -> None:
    """429 with Retry-After. RFC 6585 4."""
    answer = refusal(TooMany("too many", 77), REQUEST)
    assert (answer.status, dict(answer.headers)["Retry-After"]) == (429, "77")


def test_members_of_an_error_are_told() -> None:
    """slow_down carries the interval, each time its own. RFC 8628 3.5."""
    for interval in (10, 15):
        error = OAuthError(ErrorCode.SLOW_DOWN, "wait", {"interval": interval})
        assert json.loads(refusal(error, REQUEST).body)["interval"] == interval


def test_no_refusal_is_stored() -> None:
    """Each one says no-store in both spellings. RFC 6749 5.1."""
    headers = dict(refusal(NonceNeeded("n1"), REQUEST).headers)
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")
