"""Where the browser may be sent (RFC 6749 3.1.2, RFC 8252 7-8, RFC 9700 2.1)."""

import re
from urllib.parse import urlsplit

from server.core.errors import ErrorCode, OAuthError
from server.core.records import Client

_LONGEST = 2000  # characters
# What can stand in a redirect URI and in the headers that carry it; no quotes, commas, semicolons.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?@!$&*+=%()\[\]-]+")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # one name or address: nothing stands for many
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(/.*)?")


def registered(sent: str, client: Client) -> str:
    """Return the address that a request means. Raises invalid_request for any but a registered one.

    Compared letter by letter. Only the port of an app on the person's own computer is free.
    """
    known = client.redirect_uris.split()
    if not sent and len(known) == 1:
        return known[0]
    if sent in known or (problem(sent) is None and any(_same_but_port(sent, one) for one in known)):
        return sent
    raise OAuthError(ErrorCode.INVALID_REQUEST, "redirect_uri is not registered for this client")


def problem(uri: str) -> str | None:
    """Return why an address cannot be registered, or None when it can."""
    if not _PLAIN.fullmatch(uri) or len(uri) > _LONGEST:
        return "it must be plain ASCII without spaces, quotes or a fragment"
    try:
        parts = urlsplit(uri)
        has_user = parts.username is not None or parts.password is not None
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return "it is not a URI"
    if has_user or not valid_port:
        return "it must have no user name and a proper port"
    if parts.scheme == "https":
        return None if _HOST.fullmatch(parts.hostname or "") else "it must name one host"
    if parts.scheme == "http":
        return None if _LOOPBACK.fullmatch(uri) else "it must be https off the person's computer"
    if "." in parts.scheme:  # a name that its owner has in the DNS, reversed (RFC 8252 7.1)
        return None
    return "its scheme must be https or a private one like com.example.app"


def destination(uri: str) -> str:
    """Return what a person is told about where an address leads."""
    parts = urlsplit(uri)
    if _LOOPBACK.fullmatch(uri):
        return "this computer"
    return parts.netloc if parts.scheme == "https" else f"the app {parts.scheme}"


def _same_but_port(sent: str, known: str) -> bool:
    one, other = _LOOPBACK.fullmatch(sent), _LOOPBACK.fullmatch(known)
    return bool(one and other and one.groups() == other.groups())
