"""Web pages elsewhere that may read what a client is answered, by their origin (RFC 6454)."""

import re

from server.core.ports import Ports

# A page that a device or a sandbox keeps apart from all others; browsers write all of them alike.
NULL = "null"
_LONGEST = 200  # characters
# As browsers write them: in small letters, without a path, and without a port that is the usual.
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9._-]*|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?")
_USUAL_PORTS = {"https": "443", "http": "80"}
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def may_read(origin: str, client_id: str | None, ports: Ports) -> bool:
    """Tell whether a page of that origin may read what the client is answered; None: any client."""
    if client_id is None:
        return origin in ports.clients.origins()
    client = ports.clients.find(client_id)
    return client is not None and origin in client.origins.split()


def problem(origin: str, issuer: str) -> str | None:
    """Return why an origin cannot be listed with a server of that issuer, or None when it can."""
    if origin == NULL:
        return None
    match = _ORIGIN.fullmatch(origin)
    if not match or len(origin) > _LONGEST:
        return "write it as browsers do: https://app.example, without a path, in small letters"
    scheme, host, port = match.groups()
    if port and _USUAL_PORTS.get(scheme) == port:
        return f"browsers leave out :{port} with {scheme}, so leave it out as well"
    if scheme in _USUAL_PORTS and not host:
        return "it names no host"
    if scheme == "http" and host not in _LOOPBACK and issuer.startswith("https:"):
        return "make it https: anybody between the page and its people could change a plain page"
    return None
