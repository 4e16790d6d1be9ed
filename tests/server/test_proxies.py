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
    ],
)
def test_the_last_hop_before_ours_counts(peer: str, forwarded: str | None, address: str) -> None:
    """From the right, past our own proxies; what strangers wrote is not believed. RL-16."""
    assert seen(peer, forwarded) == address


def test_without_trusted_proxies_the_peer_counts() -> None:
    """A header alone changes no address. RL-16."""
    assert seen("127.0.0.1", "203.0.113.9", []) == "127.0.0.1"
