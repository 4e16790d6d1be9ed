"""The door in front: machine endpoints straight to their functions, the rest through Flask.

Flask's dispatch costs five times as much as a whole poll, so the callable that servers run looks
the few machine addresses up itself. What answers is the same code behind both doors.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.core.authorization_server import AuthorizationServer
from server.endpoints import Endpoint, respond

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class FrontDoor:
    """A WSGI callable (PEP 3333) before the application that serves the pages."""

    def __init__(
        self,
        pages: "WSGIApplication",
        server: AuthorizationServer,
        addresses: Mapping[str, Endpoint],
    ) -> None:
        self._pages = pages
        self._server = server
        self._addresses = addresses

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        endpoint = self._addresses.get(environ.get("PATH_INFO", ""))
        if endpoint is None:
            return self._pages(environ, start_response)
        answer = respond(endpoint, environ, self._server)
        length = ("Content-Length", str(len(answer.body)))
        start_response(_STATUS_LINES[answer.status], [*answer.headers, length])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
