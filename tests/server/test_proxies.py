"""Whose address a request comes from."""

import pytest

from server.proxies import TrustedProxies

TRUSTED = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]


def seen(peer: str, forwarded: str | None, trusted: list[str] = TRUSTED) -> str:
    """Return the address that the application sees."""
    environ = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    TrustedProxies(lambda _environ, _start: [], trusted)(environ, lambda *_: lambda _body: None)
    assert "HTTP_X_FORWARDED_FOR" not in environ
    return environ["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("10.1.2.3", "10.9.9.9", "10.9.9.9"),
        ("2001:db8::1", "2001:db9::7", "2001:db9::7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("", "198.51.100.1", ""),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, ::ffff:10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3:80", "203.0.113.9"),
        ("127.0.0.1", "[2001:db9::7]:4711", "2001:db9::7"),
        ("127.0.0.1", "[2001:db9::7]", "2001:db9::7"),
        ("127.0.0.1", "203.0.113.9:port", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9,, 10.1.2.3", "10.1.2.3"),
        ("unix:", "203.0.113.9", "unix:"),
    ],
)
def test_the_last_hop_before_ours_counts(peer: str, forwarded: str | None, address: str) -> None:
    """From the right, past our own proxies; what strangers wrote is not believed. RL-16."""
    assert seen(peer, forwarded) == address


def test_without_trusted_proxies_the_peer_counts() -> None:
    """A header alone changes no address. RL-16."""
    assert seen("127.0.0.1", "203.0.113.9", []) == "127.0.0.1"


def test_an_unreadable_hop_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The operator hears that limits per address meet everybody, and hears it once. RL-16."""
    proxies = TrustedProxies(lambda _environ, _start: [], TRUSTED)
    for hop in ("203.0.113.9", "", "_hidden\n" + "x" * 1000, "unknown"):
        environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": hop}
        proxies(environ, lambda *_: lambda _body: None)
    (message,) = caplog.messages
    assert message.startswith("X-Forwarded-For holds no address: '_hidden\\n")
    assert len(message) < 150
