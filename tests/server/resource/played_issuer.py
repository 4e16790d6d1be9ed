"""An issuer that listens on a real socket and does what a test wants, good or bad."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from server.resource import ResourceServer
from tests.fakes import FakeClock
from tests.journeys.running_portal import free_port

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

AUDIENCE = "https://api.example.com"
METADATA, JWKS, INTROSPECT = (
    "/.well-known/oauth-authorization-server",
    "/keys",
    "/introspect",
)


@contextmanager
def listening(app: "WSGIApplication", port: int, certificate: Path | None = None) -> Iterator[None]:
    """Let an application answer on a real socket, by TLS with a certificate, for this block."""
    tls = (str(certificate), str(certificate)) if certificate else None
    server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=tls)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class PlayedIssuer:
    """Publishes metadata and keys, answers introspection, and counts what it is asked."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: Counter[str] = Counter()
        self.instead: dict[str, Response] = {}  # by path
        self.keys = [new_key()]
        self.living: dict[str, dict[str, Any]] = {}  # what introspection says of which token
        self.app = self._app()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def go_down(self) -> None:
        """Answer nothing useful from now on."""
        for path in (METADATA, JWKS, INTROSPECT):
            self.instead[path] = Response("out of order", 500)

    def come_back(self) -> None:
        """Work again."""
        self.instead.clear()

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good access token, changed; None leaves one out."""
        now = int(self.clock())
        good = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "client_id": "tv",
            "jti": "one",
            "iat": now,
            "exp": now + 3600,
            "scope": "profile library",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Sign a good access token, changed, with the newest key."""
        key = self.keys[-1]
        whole = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
        return jwt.encode(whole, self.claims(**changes), key, algorithms=["ES256"])

    def _app(self) -> Flask:
        app = Flask("issuer", static_folder=None)

        @app.before_request
        def _count() -> Response | None:
            self.asked[request.path] += 1
            return self.instead.get(request.path)

        @app.get(METADATA)
        def _metadata() -> dict[str, str]:
            return {
                "issuer": self.url,
                "jwks_uri": self.url + JWKS,
                "introspection_endpoint": self.url + INTROSPECT,
            }

        @app.get(JWKS)
        def _keys() -> Response:
            return jsonify(KeySet(list(self.keys)).as_dict(private=False))

        @app.post(INTROSPECT)
        def _introspect() -> Response:
            self.authorization = request.authorization
            return jsonify(self.living.get(request.form["token"], {"active": False}))

        return app


class FilmAPI:
    """An API of somebody's, guarded; called without a network."""

    def __init__(self, issuer: str, clock: FakeClock, **options: Any) -> None:
        self.protected = ResourceServer(issuer, AUDIENCE, clock=clock, **options)
        app = Flask("films", static_folder=None)
        app.testing = True

        @app.route("/films", methods=["GET", "POST"])
        @self.protected.requires("profile", "library")
        def films() -> dict[str, Any]:
            return {"for": self.protected.token["sub"]}

        @app.get("/new films")
        @self.protected.requires()
        def new_films() -> dict[str, Any]:
            return dict(self.protected.token)

        @app.get("/open")
        def unguarded() -> dict[str, Any]:
            return dict(self.protected.token)

        self.app = app

    def get(self, token: str, path: str = "/films", **headers: str) -> TestResponse:
        """Call with a bearer token."""
        return self.app.test_client().get(
            path, headers={"Authorization": f"Bearer {token}", **headers}
        )

    def status(self, token: str) -> int:
        """Call with a bearer token; return the status alone."""
        return self.get(token).status_code


def new_key() -> ECKey:
    """Make a key that signs."""
    return ECKey.generate_key("P-256", auto_kid=True)
