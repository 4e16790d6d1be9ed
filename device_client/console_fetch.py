"""How a program on a computer reaches its servers: what it may ask, and by which transport.

With the library requests installed its connections are kept open and go through the proxy of the
environment; without it transport.py does, directly. CPython only.
"""

import os
import ssl
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from . import run
from .desktop_sockets import Context

HERE = ("localhost", "127.0.0.1")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # SSL_CERT_FILE is known to OpenSSL itself


class ConsoleFetch:
    """Fetches as `run.Runner` wants it, by https.

    Plain http is for this machine, and with `plain_http` for the origin of `issuer` too. `ca_file`
    is a PEM file of authorities instead of those that the environment or the system names. OSError
    when that cannot be read, ValueError for an issuer that is no such URL.
    """

    def __init__(self, issuer: str, ca_file: str | None = None, plain_http: bool = False) -> None:
        self._plain = issuer if plain_http else ""
        self.check(issuer)
        bundle = ca_file or next(filter(None, map(os.environ.get, BUNDLES)), None)
        folder = bool(bundle and os.path.isdir(bundle))
        self._fetch = _transport(
            ssl.create_default_context(
                cafile=None if folder else bundle, capath=bundle if folder else None
            )
        )

    def __call__(
        self, url: str, form: dict[str, str] | None = None, bearer: str = "", **how: Any
    ) -> tuple[int, bytes]:
        """HTTP status and body, as by `run.fetch`; `how` is timeout, wait and idle."""
        self.check(url)
        return self._fetch(url, form, bearer, plain_http=url.startswith("http://"), **how)

    def check(self, url: str) -> None:
        """ValueError unless `url` is one that may be asked."""
        may_ask(url, self._plain)


def may_ask(url: str, plain: str = "") -> None:
    """ValueError unless `url` is https, or http to this machine or the origin of `plain`."""
    scheme, host, _ = origin(url)
    if scheme == "http" and host not in HERE and not (plain and origin(plain) == origin(url)):
        raise ValueError("not an https URL: " + url)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an absolute URL (RFC 6454); ValueError when it has none."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not url.startswith(parts.scheme):
        raise ValueError("not an https URL: " + url)
    # A space or a line break would end the request line early; a backslash is read in two ways.
    if not parts.hostname or "@" in parts.netloc or "\\" in url or min(url) <= " ":
        raise ValueError("not a host and port: " + url)
    if "[" in parts.netloc:  # as transport.py is small, and boards have no IPv6
        raise ValueError("not a host name, and IPv6 addresses cannot be used: " + url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def proxy_hint(url: str) -> str:
    """What to look at when a proxy stands before `url`, which did not answer; "" when none does."""
    proxies = getproxies_environment()
    scheme, host, _ = origin(url)
    name = next((name for name in ("https", "all") if proxies.get(name)), "")
    if scheme != "https" or not name or proxy_bypass(host):
        return ""
    variable = name.upper() + "_PROXY"
    if not find_spec("requests"):
        return variable + " needs the library requests: pip install 'pairlight[console]'"
    return f"{variable} is set: is that URL right, and the proxy up?"


def _transport(context: ssl.SSLContext) -> Callable[..., tuple[int, bytes]]:
    try:
        from .requests_transport import Connections
    except ImportError:
        small = Context(context)
        return partial(run.fetch, context=small)
    return Connections(context).fetch
