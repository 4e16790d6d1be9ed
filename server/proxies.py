"""Whose address a request comes from, when it passed through proxies of ours."""

import ipaddress
import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    _Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_log = logging.getLogger("pairlight.proxies")

# An address with the port that some proxies add: 192.0.2.1:4711, [2001:db8::1]:4711.
_WITH_PORT = re.compile(r"(?:\[([^]]*)\]|([0-9.]+))(?::[0-9]{1,5})?")
_LONGEST_SHOWN = 100  # characters of an unreadable hop


class TrustedProxies:
    """A WSGI middleware that puts the client's own address into REMOTE_ADDR.

    `X-Forwarded-For` is read from the right, as far as each hop was added by a proxy we trust;
    everything to the left of that anyone may have written. The header is gone afterwards.
    """

    def __init__(self, application: "WSGIApplication", trusted: Iterable[str]) -> None:
        self._application = application
        self._trusted = [ipaddress.ip_network(network) for network in trusted]
        self._complained = False

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        forwarded = environ.pop("HTTP_X_FORWARDED_FOR", "")
        peer = _address(environ.get("REMOTE_ADDR", ""))
        if peer is not None:
            environ["REMOTE_ADDR"] = str(self._client(peer, forwarded))
        return self._application(environ, start_response)

    def _client(self, address: "_Address", forwarded: str) -> "_Address":
        hops = forwarded.split(",") if forwarded.strip() else []
        while hops and any(address in network for network in self._trusted):
            hop = hops.pop().strip()
            found = _address(hop)
            if found is None:
                self._complain(hop)
                break
            address = found
        return address

    def _complain(self, hop: str) -> None:
        """Say once that a proxy of ours writes what we cannot read: all it passes looks like it."""
        if not self._complained:
            self._complained = True
            _log.warning("X-Forwarded-For holds no address: %r", hop[:_LONGEST_SHOWN])


def _address(text: str) -> "_Address | None":
    """Read an address; a listener for both families writes an IPv4 one as ::ffff:192.0.2.1."""
    wrapped = _WITH_PORT.fullmatch(text)
    try:
        found = ipaddress.ip_address(wrapped[1] or wrapped[2] if wrapped else text)
    except ValueError:
        return None
    return (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped) or found
