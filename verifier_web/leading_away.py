"""Sending the browser to an application: to exactly the address that is registered."""

from typing import TYPE_CHECKING

from flask import Response
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class LeadingAway(Response):
    """A 303 to a URL of plain ASCII, which Werkzeug would write anew and may fail to read."""

    def __init__(self, url: str) -> None:
        super().__init__(status=303)
        self._url = url

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """Return the headers with the address as it is."""
        headers = super().get_wsgi_headers(environ)
        headers["Location"] = self._url
        return headers
