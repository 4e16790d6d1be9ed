"""DPoP at a protected resource: whose key it is, for which request, and only once (RFC 9449 7)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from server.resource.fetching import Unavailable

AGE = 60  # seconds by which a proof's time may differ from ours
_MOST = 100_000  # proofs in two minutes
_PORTS = {"https": 443, "http": 80}


class Request(NamedTuple):
    """What a proof must name of the request that it came with."""

    method: str
    url: str
    token: str


def fits(claims: Mapping[str, Any], request: Request, now: float) -> bool:
    """Tell whether a proof's claims are for this request and this token (RFC 9449 4.3)."""
    issued_at, identifier = claims.get("iat"), claims.get("jti")
    ath = urlsafe_b64encode(sha256(request.token.encode()).digest()).rstrip(b"=").decode()
    return (
        claims.get("htm") == request.method
        and isinstance(htu := claims.get("htu"), str)
        and same_address(htu, request.url)
        and claims.get("ath") == ath
        and isinstance(issued_at, int | float)
        and now - AGE <= issued_at <= now + AGE  # false for NaN
        and isinstance(identifier, str)
        and identifier != ""
    )


def same_address(one: str, other: str) -> bool:
    """Compare two http(s) URLs, normalised, without query and fragment (RFC 9449 4.3)."""
    try:
        return _normal(one) == _normal(other)
    except ValueError:
        return False


def _normal(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)  # writes scheme and host in small letters
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("not an http URL")
    port = parts.port or _PORTS[parts.scheme]
    return parts.scheme, parts.hostname, port, unquote(parts.path) or "/"


class SeenProofs:
    """Remembers proofs for as long as they could be sent again, in this process."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()
        self._since = 0.0

    def is_first(self, identifier: str, thumbprint: str, now: float) -> bool:
        """Note a proof; False when it was seen before. Raises Unavailable when full."""
        digest = sha256(f"{thumbprint} {identifier}".encode("utf-8", "replace")).digest()
        with self._lock:
            self._turn(now)
            if digest in self._new or digest in self._old:
                return False
            if len(self._new) >= self._most:
                raise Unavailable("too many DPoP proofs", AGE)
            self._new.add(digest)
            return True

    def _turn(self, now: float) -> None:
        """Forget what is older than two minutes: no proof is good for longer."""
        if abs(now - self._since) > 2 * AGE:
            self._old, self._new = self._new, set()
            self._since = now
