"""What a renewal does, as plain functions that run on CPython and MicroPython alike."""

from device_client.flow import FAILED, SIGNED_IN, STARTING, UNREACHABLE
from device_client.renewal import Renewal


def test_request() -> None:
    """A renewal sends the refresh token and no scope, so that none is lost. RFC 6749 6."""
    assert Renewal("tv", "old", 0).request() == (
        "token_endpoint",
        {"client_id": "tv", "grant_type": "refresh_token", "refresh_token": "old"},
    )


def test_refresh_token() -> None:
    """A new refresh token replaces the old; without one the old stays good. CL-15, RFC 6749 6."""
    for sent, kept in (("new", "new"), (None, "old"), ("", "old")):
        renewal = Renewal("tv", "old", 0)
        tokens = {"access_token": "x", "token_type": "Bearer", "refresh_token": sent}
        renewal.receive(200, dict(tokens), 0)
        assert renewal.step(0)[0] == SIGNED_IN
        assert renewal.tokens["refresh_token"] == kept


def test_refused() -> None:
    """Whatever the server refuses is final and keeps its code. CL-15."""
    for error in ("invalid_grant", "invalid_client", "access_denied"):
        renewal = Renewal("tv", "old", 0)
        renewal.receive(400, {"error": error}, 0)
        assert renewal.step(0)[0] != STARTING
        assert renewal.error == error


def test_no_tokens() -> None:
    """An answer without tokens is a failure. RFC 6749 5.1."""
    renewal = Renewal("tv", "old", 0)
    renewal.receive(200, {}, 0)
    assert (renewal.state, renewal.error) == (FAILED, "invalid_response")


def test_silence() -> None:
    """Without an answer it tries again, ever more rarely, for two minutes. CL-04."""
    renewal = Renewal("tv", "old", 0)
    renewal.receive(0, {}, 0)
    assert renewal.step(0) == (STARTING, 2000)
    assert renewal.step(120000) == (STARTING, 0)
    renewal.request()
    renewal.receive(503, {}, 120000)
    assert renewal.step(120000)[0] == UNREACHABLE
