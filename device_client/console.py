"""Sign-in for programs on a computer, in two calls. CPython only.

    from device_client.console import sign_in

    session = sign_in("https://tv.example.com", "films", "profile library")
    status, body = session.call("https://api.example.com/films")

A person is asked only when the tokens of the last time cannot be renewed.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from .console_fetch import ConsoleFetch
from .console_tokens import ScopedTokenFile, default_path, make_place
from .discovery import discover
from .flow import PENDING, SIGNED_IN, UNREACHABLE, DeviceFlow
from .private_file import PrivateRunner
from .return_code import ReturnCodeFlow
from .run import parse
from .session import Session
from .show_text import outcome
from .terminal.show_terminal import open_display


class SignInFailed(Exception):
    """Nobody is signed in: `state` is one of flow.py's, `error` the server's error code, or ""."""

    def __init__(self, flow: DeviceFlow) -> None:
        super().__init__(outcome(flow))
        self.state = flow.state
        self.error = flow.error


class Asking:
    """A display that shows what a person has to do, and no renewal, which is nobody's business."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self.asked = False

    def show(self, flow: DeviceFlow) -> None:
        if flow.state == PENDING:
            self.asked = True
            self._display.show(flow)


def sign_in(
    issuer: str,
    client_id: str,
    scope: str = "profile",
    *,
    display: Any = None,
    token_file: Path | str | None = None,
    ca_file: str | None = None,
    plain_http: bool = False,
) -> Session:
    """A session with somebody signed in, whose `call` gets what an API says.

    `display` is what a person sees who is asked: by default a QR symbol and the code on standard
    error, or plain lines where that is no terminal. Another one is shown a `ReturnCodeFlow`, into
    which it enters the return code. `token_file` keeps the tokens, by default one for this issuer
    and client under ~/.local/state/pairlight. The rest is as for `ConsoleFetch`.

    SignInFailed when nobody signs in; EOFError when a return code is asked for and nobody can type;
    OSError when the server is not to be reached or tokens cannot be kept; ValueError for an issuer
    that is not to be used.
    """
    display = display or open_display(sys.stderr)
    fetch = ConsoleFetch(issuer, ca_file, plain_http)
    path = Path(token_file or default_path(issuer, client_id))
    asking = Asking(display)
    session = open_session(issuer, client_id, scope, path, fetch, asking)
    try:
        flow = session.sign_in()
        if asking.asked:
            display.finish(flow, name(session, fresh=True))
    finally:
        display.close()
    if flow.state == UNREACHABLE:
        raise ConnectionError(outcome(flow))
    if flow.state != SIGNED_IN:
        raise SignInFailed(flow)
    return session


def open_session(
    issuer: str, client_id: str, scope: str, path: Path, fetch: ConsoleFetch, display: Any
) -> Session:
    """A session that is not signed in yet.

    OSError and ValueError as from `discover`, NoPlace when there is none for the token file.
    """
    metadata = discover(issuer, fetch, plain_http=True)
    for endpoint in ("device_authorization_endpoint", "token_endpoint"):
        fetch.check(str(metadata[endpoint]))
    token_file = ScopedTokenFile(str(path), issuer, client_id, scope)
    runner = PrivateRunner(metadata, fetch, token_file, display, _ticks_ms, _sleep_ms, os.urandom)
    runner.flow_type = ReturnCodeFlow
    make_place(path)
    return Session(runner, client_id, scope)


def name(session: Session, fresh: bool) -> str:
    """Who is signed in (OpenID Connect Core 5.3); empty when nobody is, or it is not told.

    A `fresh` access token stays, whatever is said to it; another may turn out to be too old, and is
    forgotten then.
    """
    endpoint = session.runner.metadata.get("userinfo_endpoint")
    if not isinstance(endpoint, str) or not session.access_token:
        return ""
    try:
        if fresh:
            status, body = session.runner.fetch(endpoint, None, session.access_token)
        else:
            status, body = session.call(endpoint)
    except (OSError, ValueError):
        return ""
    claims = parse(body) if status == 200 else {}
    return str(claims.get("name") or claims.get("preferred_username") or claims.get("sub") or "")


def _ticks_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _sleep_ms(duration: int) -> None:
    time.sleep(duration / 1000)
