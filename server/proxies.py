"""Whose address a request comes from, when it passed through proxies of ours."""

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxies:
    """A WSGI middleware that puts the client's own address into REMOTE_ADDR.

    `X-Forwarded-For` is read from the right, as far as each hop was added by a proxy we trust;
    everything to the left of that anyone may have written. The header is gone afterwards.
    """

    def __init__(self, application: "WSGIApplication", trusted: Iterable[str]) -> None:
        self._application = application
        self._trusted = [ipaddress.ip_network(network) for network in trusted]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        forwarded = environ.pop("HTTP_X_FORWARDED_FOR", "").split(",")
        address = environ.get("REMOTE_ADDR", "")
        while forwarded and self._is_ours(address):
            hop = forwarded.pop().strip()
            if not _is_address(hop):
                break
            address = hop
        environ["REMOTE_ADDR"] = address
        return self._application(environ, start_response)

    def _is_ours(self, address: str) -> bool:
        return _is_address(address) and any(
            ipaddress.ip_address(address) in network for network in self._trusted
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
