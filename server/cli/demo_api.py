"""An API of the demo's own, for the device to call once it is signed in."""

import contextlib
import logging
import threading
from collections.abc import Iterator

from flask import Flask
from werkzeug.serving import make_server

from server.resource import ResourceServer


@contextlib.contextmanager
def running(issuer: str) -> Iterator[str]:
    """Serve films to whoever is signed in at an issuer, until the block ends; yield the URL."""
    api = Flask(__name__, static_folder=None)
    protected = ResourceServer(issuer, issuer)

    @api.get("/films")
    @protected.requires("profile")
    def films() -> dict[str, object]:
        return {"for": protected.token["sub"], "films": ["Metropolis", "Nosferatu"]}

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the terminal is the device's
    server = make_server("127.0.0.1", 0, api, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name=__name__, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/films"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
