"""One browser's visit: the cookie that tells it apart, and the token that marks our own forms.

Strangers get a cookie too, so that their forms are bound to their browser. Nothing is stored for
them: a person is signed in when the server knows a session under the cookie's identifier.
"""

import hmac
import re
from functools import cached_property
from typing import cast

from flask import Response, g, request

from server.core import tokens
from server.core.authorization_server import AuthorizationServer
from server.core.records import Account, Session
from server.core.user_interaction import Refused

_TO_THINK = 600  # seconds between the question and the answer
_LONGEST_TIME = 12  # digits
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{43}")  # as the server makes them


def cookie_name(issuer: str) -> str:
    """Return the cookie's name. The prefix makes browsers insist on Secure, host and path."""
    return "__Host-pairlight" if issuer.startswith("https:") else "pairlight"


def current() -> "BrowserSession":
    """Return the visit that this request belongs to."""
    return cast(BrowserSession, g.browser_session)


class BrowserSession:
    """A visit. `key` is the server's secret behind form tokens, `sent` the cookie as it came."""

    def __init__(self, server: AuthorizationServer, key: bytes, sent: str | None) -> None:
        self.server = server
        self._key = key
        self._sent = sent
        self._identifier = sent if sent and _IDENTIFIER.fullmatch(sent) else None

    @property
    def has_cookie(self) -> bool:
        """Tell whether the browser keeps our cookie."""
        return self._identifier is not None

    @cached_property
    def _signed_in(self) -> tuple[Session, Account] | None:
        return self.server.find_session(self._identifier) if self._identifier else None

    @property
    def session(self) -> Session | None:
        """Return the session of the person who is signed in."""
        return self._signed_in[0] if self._signed_in else None

    @property
    def account(self) -> Account | None:
        """Return who is signed in."""
        return self._signed_in[1] if self._signed_in else None

    @property
    def form_token(self) -> str:
        """Return what our forms carry, and no other site can know."""
        return self._seal("form")

    def made(self, form_token: str) -> bool:
        """Tell whether a form with this token was made for this browser, as it is signed in now."""
        return self.has_cookie and hmac.compare_digest(
            form_token.encode(), self.form_token.encode()
        )

    def seal(self, query: str) -> str:
        """Return the mark of a request that this person is asked about now, as signed in now."""
        now = int(self.server.ports.clock())
        return f"{now}.{self._seal(f'request {query} at {now}')}"

    def sealed(self, query: str, seal: str) -> bool:
        """Tell whether this person was asked about a request, and has not left it lying since."""
        time, _, mark = seal.partition(".")
        if not time.isdecimal() or not time.isascii() or len(time) > _LONGEST_TIME:
            return False
        recent = 0 <= self.server.ports.clock() - int(time) <= _TO_THINK
        ours = self._seal(f"request {query} at {time}")
        return recent and hmac.compare_digest(mark.encode(), ours.encode())

    def _seal(self, what: str) -> str:
        if self._identifier is None:
            self._identifier = tokens.secret(self.server.ports.entropy)
        sealed = f"{what} of {self._identifier}".encode()
        return hmac.digest(self._key, sealed, "sha256").hex()

    def sign_in(self, username: str, password: str) -> Refused | None:
        """Sign a person in under a new identifier: one that was planted here before is useless.

        Returns why not, if not.
        """
        identifier = self.server.sign_in(username, password, request.remote_addr or "")
        if isinstance(identifier, Refused):
            return identifier
        self.sign_out()
        self._identifier = identifier
        return None

    def sign_out(self) -> None:
        """End the session on the server and forget the cookie."""
        if self.session and self._identifier:
            self.server.sign_out(self._identifier)
        self._identifier = None
        del self._signed_in

    def save(self, response: Response) -> None:
        """Give the browser its cookie where that changed. It ends with the browser."""
        if self._identifier == self._sent:
            return
        issuer = self.server.settings.issuer
        response.set_cookie(
            cookie_name(issuer),
            self._identifier or "",
            max_age=None if self._identifier else 0,
            path="/",
            secure=issuer.startswith("https:"),
            httponly=True,
            samesite="Lax",  # Strict would sign people out who arrive by a QR code
        )
