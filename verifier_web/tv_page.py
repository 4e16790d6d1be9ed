"""The device client's page for TVs, at an address of the portal: to try it out, or to use it so.

It is a device like any other: it is told where the server is, and asks the machine endpoints. The
files are served as they are; only their configuration is written here.
"""

import json
from pathlib import Path

from flask import Blueprint, Response, redirect, request, send_from_directory
from werkzeug import Response as Redirect

_KINDS = (".html", ".css", ".js")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'none'"
)


def create_tv_page(folder: Path, issuer: str, client_id: str) -> Blueprint:
    """Return a blueprint with the page in a folder, for a client of the issuer."""
    page = Blueprint("tv", __name__)
    names = {path.name for path in folder.iterdir() if path.suffix in _KINDS}
    config = _config(issuer, client_id)

    @page.get("/tv", strict_slashes=True)
    def lead() -> Redirect:
        # To the issuer's own host: from any other the page could read nothing (CORS).
        query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""
        return redirect(f"{issuer}/tv/{query}", 303)

    @page.get("/tv/")
    @page.get("/tv/<name>")
    def file(name: str = "index.html") -> Response:
        if name == "config.js":
            return Response(config, mimetype="text/javascript")
        return send_from_directory(folder, name if name in names else "")

    @page.after_request
    def restrict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return page


def _config(issuer: str, client_id: str) -> str:
    """Write the page's configuration: opening it is what asks for a code."""
    config = {
        "issuer": issuer,
        "clientId": client_id,
        "scope": "",
        "title": "Pairlight",
        "startAtOnce": True,
        "keepTokens": False,
    }
    return f"var PairlightTV = {json.dumps({'config': config})};\n"
