"""A running Pairlight at an https address, and the same database by way of the facade."""

import contextlib
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from joserfc.jwk import ECKey, KeySet, RSAKey
from sqlalchemy import update

from server.app import Application, build
from server.config import load
from server.core.authorization_server import DEVICE_CODE
from server.storage.schema import device_authorizations
from tests.clients.trust import TLSDoor, make_certificates
from tests.journeys.running_portal import free_port, running

CALLBACK = "https://app.example/callback"
_SCOPES = """{ openid = "Know you", profile = "See your name", "tv.watch" = "Watch TV" }"""
_PLENTY = {"starts_per_address": "1000", "approvals_per_day": "1000"}
_numbers = count()


class Registered(NamedTuple):
    """What a client gets to know at its registration, and the key it brought."""

    client_id: str
    secret: str
    key: dict[str, Any]


class Issuer:
    """Where the server is, the authority that its certificate is of, and what operators can do."""

    def __init__(self, url: str, authority: Path, application: Application) -> None:
        self.url = url
        self.authority = authority
        self._application = application

    def register(
        self, *grant_types: str, key: RSAKey | ECKey | None = None, **more: Any
    ) -> Registered:
        """Register a client with a name of its own; it may use the device flow unless told."""
        client_id = f"app-{next(_numbers)}"
        jwks = json.dumps(KeySet([key]).as_dict(private=False)) if key else None
        _, secret = self._application.server.register_client(
            client_id,
            f"The {client_id}",
            grant_types or (DEVICE_CODE, "refresh_token"),
            more.pop("scopes", ("openid", "profile", "tv.watch")),
            confidential=more.pop("confidential", False) or key is not None,
            jwks=jwks,
            **({"redirect_uris": (CALLBACK,)} if "authorization_code" in grant_types else {})
            | more,
        )
        return Registered(client_id, secret or "", key.as_dict(private=True) if key else {})

    def expire(self, client: Registered) -> None:
        """Let an hour pass for all that this client's devices wait for."""
        table = device_authorizations
        mine = update(table).where(table.c.client_id == client.client_id)
        with self._application.database.writing() as connection:
            connection.execute(mine.values(expires_at=table.c.expires_at - 3600))


@contextlib.contextmanager
def running_issuer(directory: Path) -> Iterator[Issuer]:
    """Run the server with TLS in front of it until the block ends."""
    port = free_port()
    url = f"https://localhost:{port}/home"  # MSAL takes none without a path
    authority, certificate = make_certificates(directory)
    settings = {"issuer": url, "poll_interval": "1", "scopes": _SCOPES, **_PLENTY}
    with (
        running(directory, **settings) as portal,
        contextlib.closing(TLSDoor(port, int(portal.environ["PAIRLIGHT_PORT"]), certificate)),
        contextlib.closing(build(load(environ=portal.environ))) as application,
    ):
        yield Issuer(url, authority, application)
