"""Which posted forms are believed: only our own, from this browser, as it is signed in now."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from verifier_web import error_pages
from verifier_web.browser_session import current

_OLD_PAGE = "This page had been open for a while, so nothing was sent. Please try once more."
_NO_COOKIE = (
    "Your browser did not send back our cookie, so nothing was sent. "
    "Allow cookies for this site, then try once more."
)
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


def guarded(
    submit: Callable[..., ResponseReturnValue], again: Callable[..., ResponseReturnValue]
) -> Callable[..., ResponseReturnValue]:
    """Let a form through to `submit` when it is ours.

    One with an old token, or from a browser without our cookie, is shown `again` with a notice and
    with what was typed. One from another site gets a page that repeats nothing of it.
    """

    @wraps(submit)
    def view(**names: str) -> ResponseReturnValue:
        visit = current()
        if not sent_from_here(request.headers, visit.server.settings.issuer):
            return error_pages.wrong_origin(visit.server.settings.url("/device"))
        if not visit.made(request.form.get("form_token", "")):
            return again(_OLD_PAGE if visit.has_cookie else _NO_COOKIE, **names)
        return submit(**names)

    return view


def sent_from_here(headers: Headers, issuer: str) -> bool:
    """Tell whether the browser says that the form stood on our own page, as far as it says."""
    return headers.get("Origin") in {None, origin(issuer)} and headers.get("Sec-Fetch-Site") in {
        None,
        "same-origin",
        "none",
    }


def origin(url: str) -> str:
    """Return the origin of a URL as browsers write it."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return f"{scheme}://{parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ''))}"
