"""What can be listed as a web page's origin."""

import pytest

from server.core.origins import problem

HTTPS, HTTP = "https://pair.example", "http://localhost:8628"


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example",
        "https://app.example:8443",
        "https://192.0.2.1",
        "https://[2001:db8::1]:8443",
        "http://localhost:3000",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "null",
        "file://",
        "app://com.example.tv",
        "capacitor://localhost",
    ],
)
def test_what_browsers_send_can_be_listed(origin: str) -> None:
    """Pages with TLS or of this machine, of apps, and of what has no origin. RFC 6454 6.2."""
    assert problem(origin, HTTPS) is None


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ("", "write it as browsers do"),
        ("*", "write it as browsers do"),
        ("app.example", "write it as browsers do"),
        ("https://app.example/", "write it as browsers do"),
        ("https://app.example/tv", "write it as browsers do"),
        ("https://App.example", "write it as browsers do"),
        ("https://*.example", "write it as browsers do"),
        ("https://me@app.example", "write it as browsers do"),
        ("https://app.example https://b.example", "write it as browsers do"),
        ("https://app.example\n", "write it as browsers do"),
        ("https://app.example:0", "write it as browsers do"),
        ("NULL", "write it as browsers do"),
        ("https://" + "a" * 200, "write it as browsers do"),
        ("https://app.example:443", "browsers leave out :443 with https"),
        ("http://localhost:80", "browsers leave out :80 with http"),
        ("https://", "it names no host"),
        ("http://app.example", "make it https"),
        ("http://localhost.evil.example", "make it https"),
    ],
)
def test_what_no_page_sends_cannot(origin: str, message: str) -> None:
    """A wrong spelling would never match, and says how to write it. TE-13."""
    assert (problem(origin, HTTPS) or "").startswith(message)


def test_a_plain_page_goes_with_a_plain_server() -> None:
    """Where the server itself speaks plain http, as in a trial, pages may as well. RFC 8628 3.1."""
    assert problem("http://192.168.1.7:8080", HTTP) is None
