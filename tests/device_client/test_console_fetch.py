"""What a program on a computer may ask, and by which transport."""

import ssl
import sys
from pathlib import Path

import pytest

from device_client import console_fetch
from device_client.console_fetch import ConsoleFetch, may_ask, origin, proxy_hint
from tests.device_client.conftest import Serve
from tests.device_client.test_transport import certificate  # noqa: F401

EMPTY = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing of this machine's own list of authorities."""
    for name in console_fetch.BUNDLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://as.example", ("https", "as.example", 443)),
        ("https://AS.example:8443/a?b", ("https", "as.example", 8443)),
    ],
)
def test_origin(url: str, parts: tuple[str, str, int]) -> None:
    """Scheme, host and port, as RFC 6454 4 compares them."""
    assert origin(url) == parts


@pytest.mark.parametrize(
    "url",
    [
        "", "as.example", "ftp://as.example", "HTTPS://as.example", "https://", "https:///path",
        "https://user@as.example", "https://as.example:port", "https://as.example:65536",
        "https://[::1", "https://as.example/a b", "https://as.example/\r\nX: y",
        "https://as.example\\@evil.example",
    ],
)  # fmt: skip
def test_no_url(url: str) -> None:
    """What could be read in two ways is no URL. CL-12."""
    with pytest.raises(ValueError, match=r"not|port|Port|IPv6"):
        may_ask(url)


@pytest.mark.parametrize("url", ["http://[::1]:8628", "https://[2001:db8::1]/"])
def test_address_in_brackets(url: str) -> None:
    """What transport.py cannot take apart is refused in words by either transport. CL-17."""
    with pytest.raises(ValueError, match="IPv6 addresses cannot be used"):
        ConsoleFetch(url)


@pytest.mark.parametrize(
    "url", ["https://api.example/", "http://localhost:1/", "http://127.0.0.1/"]
)
def test_may_ask(url: str) -> None:
    """Https to anyone, plain http to this machine. CL-09."""
    may_ask(url)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://api.example/", ""),
        ("http://localhost.evil.example/", ""),
        ("http://api.example/", "http://as.example"),
        ("http://as.example:81/", "http://as.example"),
    ],
)
def test_may_not_ask(url: str, plain: str) -> None:
    """Plain http elsewhere takes an explicit word, for one origin. CL-09, CL-12."""
    with pytest.raises(ValueError, match="not an https URL"):
        may_ask(url, plain)


def test_plain_http_where_allowed() -> None:
    """With that word it goes to the issuer's origin. CL-09."""
    ConsoleFetch("http://as.example/a", plain_http=True).check("http://as.example/b")


@pytest.mark.parametrize("installed", [True, False])
def test_transport(serve: Serve, installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests is used where it is installed, and not needed where it is not. CL-16."""
    if not installed:
        monkeypatch.setitem(sys.modules, "device_client.requests_transport", None)
    server = serve(EMPTY)
    assert ConsoleFetch(server.url)(server.url + "/token", {"a": "b"}, "abc") == (200, b"")
    assert server.requests[0].endswith(b"\r\n\r\na=b")
    assert (b"Accept-Encoding" in server.requests[0]) is installed


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_the_environment(
    certificate: Path,  # noqa: F811
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A company's list of authorities is taken in place of the system's. CL-09."""
    contexts: list[ssl.SSLContext] = []
    monkeypatch.setattr(console_fetch, "_transport", contexts.append)
    monkeypatch.setenv(name, str(certificate))
    ConsoleFetch("https://as.example")
    assert len(contexts[0].get_ca_certs()) == 1
    assert contexts[0].verify_mode == ssl.CERT_REQUIRED


def test_authorities_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list may be a folder, of which OpenSSL reads what it needs. CL-09."""
    contexts: list[ssl.SSLContext] = []
    monkeypatch.setattr(console_fetch, "_transport", contexts.append)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    ConsoleFetch("https://as.example")
    assert contexts[0].get_ca_certs() == []


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Name a proxy in the environment, and nothing else about proxies."""
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:secret@proxy.example:3128")
    return monkeypatch


def test_proxy_without_requests(proxied: pytest.MonkeyPatch) -> None:
    """A proxy that nothing here could use is told. CL-04."""
    proxied.setattr(console_fetch, "find_spec", lambda _: None)
    assert "pairlight[console]" in proxy_hint("https://as.example")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_proxy_hint(proxied: pytest.MonkeyPatch, name: str) -> None:
    """A proxy in between is named by its variable, and not with its password. CL-04, CL-12."""
    proxied.delenv("HTTPS_PROXY")
    proxied.setenv(name, "http://ada:secret@proxy.example:3128")
    hint = proxy_hint("https://as.example")
    assert hint.startswith(f"{name} is set: ")
    assert "secret" not in hint


@pytest.mark.parametrize("url", ["http://localhost:8628", "https://exempt.example"])
def test_no_proxy_in_between(proxied: pytest.MonkeyPatch, url: str) -> None:
    """A proxy that is not asked is no hint. CL-04."""
    proxied.setenv("NO_PROXY", "exempt.example")
    assert proxy_hint(url) == ""
