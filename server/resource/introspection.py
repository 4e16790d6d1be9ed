"""Asking the issuer about each access token (RFC 7662)."""

import logging
import math
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from server.resource.access_token import is_meant, is_timely
from server.resource.fetching import Unavailable, fetch
from server.resource.issuer import metadata
from server.resource.kept import Kept

REMEMBERED_FOR = 30  # seconds
_MOST = 10_000  # answers that are remembered
_log = logging.getLogger(__name__)


class _Answer(NamedTuple):
    members: Mapping[str, Any]
    asked_at: float


class Introspection:
    """Checks access tokens by the issuer's word, which it remembers for half a minute."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        client: tuple[str, str],
        clock: Callable[[], float],
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._authorization = _basic(*client)
        self._metadata = Kept(lambda: metadata(issuer), clock)
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()  # by a digest, never a token
        self._lock = Lock()

    def claims(self, token: str, now: float) -> Mapping[str, Any] | None:
        """Return what the issuer says of a living token, or None. Raises Unavailable."""
        digest = sha256(token.encode()).digest()
        members = self._remembered(digest, now)
        if members is None:
            members = self._ask(token)
            if not self._is_good(members, now):
                return None
            self._remember(digest, _Answer(members, now))
        return dict(members)  # the view may change it

    def _ask(self, token: str) -> Mapping[str, Any]:
        form = {"token": token, "token_type_hint": "access_token"}
        endpoint = self._metadata.get().get("introspection_endpoint")
        try:
            return fetch(endpoint, form, self._authorization)
        except Unavailable as error:
            _log.warning("the issuer cannot be asked: %s", error)
            raise

    def _is_good(self, members: Mapping[str, Any], now: float) -> bool:
        return (
            members.get("active") is True
            and is_meant(members, self._issuer, self._audience)
            and is_timely(members, now)
        )

    def _remembered(self, digest: bytes, now: float) -> Mapping[str, Any] | None:
        with self._lock:
            found = self._answers.get(digest)
        if found is None or not 0 <= now - found.asked_at < REMEMBERED_FOR:
            return None
        return found.members if now < found.members.get("exp", math.inf) else None

    def _remember(self, digest: bytes, answer: _Answer) -> None:
        with self._lock:
            self._answers[digest] = answer
            self._answers.move_to_end(digest)
            if len(self._answers) > _MOST:
                self._answers.popitem(last=False)


def _basic(client_id: str, secret: str) -> str:
    """Return the header of HTTP Basic as OAuth has it (RFC 6749 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + b64encode(pair.encode()).decode()
