"""Pages for what went wrong, in plain words. They ask no store, so that they work without one."""

import logging
from typing import NamedTuple

from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException

from server.core.errors import OAuthError
from server.core.ports import StoreUnavailable

_log = logging.getLogger(__name__)
_RETRY_AFTER = 5  # seconds


class _Words(NamedTuple):
    heading: str
    text: str


_WORDS = {
    400: _Words("That did not work", "Your browser sent something we do not understand."),
    404: _Words("This page does not exist", "Check the address, or enter your code here."),
    405: _Words("That did not work", "This address is not meant to be used that way."),
    413: _Words("That was too much", "What you entered is too long. A code is a few letters."),
    429: _Words(
        "Too many tries",
        "For your safety we take a break. Please wait ten minutes, then try again.",
    ),
    500: _Words(
        "Something broke on our side", "It is not your fault. Please try again in a minute."
    ),
    503: _Words(
        "One moment, please",
        "We cannot answer right now. Please wait a few seconds, then try again.",
    ),
}


def register_error_pages(app: Flask) -> None:
    """Answer every error of the application with a page."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StoreUnavailable, _store_unavailable)


def wrong_origin(home: str) -> Response:
    """Answer a form that came from another site, or from another address of this one."""
    return _page(
        400, _Words("Please start here", "That form came from another address."), home=home
    )


def too_many() -> Response:
    """Answer a person, or a guesser, who is over a limit. It does not tell which limit."""
    return _come_back(_WORDS[429], 600)


def enough_today() -> Response:
    """Answer a person who approved as many devices as an account may in a day."""
    words = _Words("That is enough for today", "You have approved many devices. Try tomorrow.")
    return _come_back(words, 86400)


def application_refused(error: OAuthError) -> Response:
    """Answer an application's request that must not be answered to it (RFC 6749 4.1.2.1)."""
    words = _Words(
        "We stopped here",
        "The application that sent you here asked in a way we cannot accept, or too long ago.",
    )
    return _page(400, words, reason=f"{error.code}: {error.description}")


def _come_back(words: _Words, seconds: int) -> Response:
    response = _page(429, words)
    response.headers["Retry-After"] = str(seconds)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = _page(status, _WORDS.get(status) or _WORDS[400 if status < 500 else 500])
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value  # Allow, Retry-After
    return response


def _store_unavailable(_: StoreUnavailable) -> Response:
    _log.exception("a store is unavailable")
    response = _page(503, _WORDS[503])
    response.headers["Retry-After"] = str(_RETRY_AFTER)
    return response


def _page(status: int, words: _Words, *, home: str = "", reason: str = "") -> Response:
    page = render_template("error.html", words=words, home=home, reason=reason)
    return make_response(page, status)
