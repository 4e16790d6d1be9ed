"""`run.fetch` by way of the library requests, which knows proxies and keeps connections.

CPython only. From the environment it takes the proxies for https and nothing else: no passwords
from ~/.netrc, and plain http goes straight to where it is allowed to go, as a proxy could read it.
"""

import io
import ssl
import threading
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy

from .run import STEP_MS

LONGEST_BODY = 65536
Answer = tuple[int, bytes]


class Connections:
    """Connections to any number of servers, kept open; trusts whom `context` trusts.

    ValueError for a context that does not check certificates and names.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
            raise ValueError("certificates are to be checked")
        self._session = _Staying()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount("https://", _Trusting(context))

    def fetch(
        self,
        url: str,
        form: dict[str, str] | None = None,
        bearer: str = "",
        plain_http: bool = False,
        timeout: float = 10,
        wait: int = 0,
        idle: Callable[[], object] | None = None,
    ) -> Answer:
        """As `run.fetch`, whose limits hold here too."""
        secure = url.startswith("https://")
        if not (secure or (plain_http and url.startswith("http://"))):
            raise ValueError("not an https URL: " + url)
        proxy = select_proxy(url, get_environ_proxies(url)) if secure else None
        how = {
            "headers": _headers(form, bearer, wait),
            "timeout": (timeout, timeout + wait),
            "proxies": {"https": proxy} if proxy else None,
        }
        body = _Body(urlencode(form or {}).encode())
        if form is None:
            body.sent.set()
            return _while_idle(idle, body.sent, lambda: self._exchange("GET", url, **how))
        return _while_idle(idle, body.sent, lambda: self._exchange("POST", url, data=body, **how))

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def _exchange(self, method: str, url: str, **how: Any) -> Answer:
        try:
            with self._session.request(method, url, stream=True, **how) as answer:
                return answer.status_code, _body(answer)
        except requests.exceptions.InvalidURL as problem:
            if how["proxies"]:  # not with its words, which may have a password in them
                raise OSError("the proxy has no URL that can be used") from None
            raise ValueError(str(problem)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as problem:
            raise OSError(_reason(problem)) from None


class _Staying(requests.Session):
    """Knows no redirects: even not to be followed, one would have its whole body read first."""

    def get_redirect_target(self, _: requests.Response) -> None:
        return None


class _Trusting(HTTPAdapter):
    """Leaves trust to one context, for proxies too, instead of adding the library's own list."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)  # type: ignore[no-untyped-call]

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(  # type: ignore[no-untyped-call]
            proxy, ssl_context=self._context, proxy_ssl_context=self._context, **options
        )

    def cert_verify(self, conn: Any, *_: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


def _body(answer: requests.Response) -> bytes:
    body = b""
    for part in answer.raw.stream(8192, decode_content=False):
        body += part
        if len(body) > LONGEST_BODY:
            raise OSError("answer too long")
    # http.client takes an end in the middle of the header for the header's own.
    if not (body or answer.raw.chunked or answer.raw.length_remaining == 0):
        raise OSError("answer cut short")
    return body


def _reason(problem: BaseException) -> str:
    # What is at the bottom is for people; the rest tells of pools and retries.
    while True:
        deeper = getattr(problem, "reason", None) or problem.__cause__ or problem.__context__
        if not isinstance(deeper, BaseException):
            return str(problem)
        problem = deeper


class _Body(io.BytesIO):
    """Tells when the last of it was sent."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.sent = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        if not part:
            self.sent.set()
        return part


def _headers(form: dict[str, str] | None, bearer: str, wait: int) -> dict[str, str]:
    headers = {
        "User-Agent": "pairlight",
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # a body that unpacks to any size has no limit
    }
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if bearer:
        if min(bearer) <= " ":
            raise ValueError("not a token")
        headers["Authorization"] = f"Bearer {bearer}"
    if wait:
        headers["Prefer"] = f"wait={wait}"
    return headers


def _while_idle(
    idle: Callable[[], object] | None, sent: threading.Event, exchange: Callable[[], Answer]
) -> Answer:
    """Call `idle` when it is `sent` and every 200 ms until the exchange is over.

    That runs in a thread, which Ctrl-C need not wait for.
    """
    if not idle:
        return exchange()
    outcome: list[Answer | Exception] = []

    def run() -> None:
        try:
            outcome.append(exchange())
        except Exception as problem:
            outcome.append(problem)
        finally:
            sent.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    sent.wait()
    while thread.is_alive():
        idle()
        thread.join(STEP_MS / 1000)
    (answer,) = outcome
    if isinstance(answer, Exception):
        raise answer
    return answer
