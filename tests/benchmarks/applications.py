"""What ours is compared with, under the same HTTP server: factories of WSGI callables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PENDING = {
    "error": "authorization_pending",
    "error_description": "the person has not decided yet",
}


def bare() -> "WSGIApplication":
    """Read the body and answer: what the HTTP server itself costs."""
    body = b'{"error":"authorization_pending"}'.ljust(100)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("400 Bad Request", headers)
        return [body]

    return answer


def flask_alone() -> Flask:
    """Read the form with Flask and answer: what the framework costs."""
    flask = Flask(__name__, static_folder=None)

    @flask.post("/token")
    def token() -> ResponseReturnValue:
        form = request.form
        known = form["grant_type"] and form["client_id"] and form["device_code"]
        return _PENDING if known else {}, 400

    return flask


def flask_door() -> Flask:
    """Return our own application without its fast door: every request through Flask."""
    from server.app import create_app
    from server.config import load

    return create_app(load())
