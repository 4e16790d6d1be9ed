"""A portal that listens on this machine, for a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, make_server

from tests.verifier_web.portal import Portal, open_portal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def served_portal(directory: Path) -> Iterator[Portal]:
    """Serve a portal until the block ends."""
    with served("localhost") as web_server:
        portal = open_portal(directory, f"http://localhost:{web_server.port}")
        web_server.app = portal.app
        yield portal
    portal.close()


@contextmanager
def served(host: str, app: "WSGIApplication" = lambda *_: []) -> Iterator[BaseWSGIServer]:
    """Serve an application, on a free port, until the block ends."""
    web_server = make_server(host, 0, app, threaded=True)
    thread = Thread(target=web_server.serve_forever)
    thread.start()
    try:
        yield web_server
    finally:
        web_server.shutdown()
        thread.join()
        web_server.server_close()
