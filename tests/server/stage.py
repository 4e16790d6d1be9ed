"""A device and a person to play scenes with, over HTTP without a network."""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from server.app import Application, build
from server.config import make
from server.core.authorization_server import DEVICE_CODE
from server.core.records import Account, Session
from server.core.user_interaction import DeviceRequest
from server.passwords import Argon2PasswordHasher
from tests.fakes import FakeClock

DOORS = ("front door", "flask door")
CLIENT_ID = "tv"
PASSWORD = "a password for tests"


class Stage:
    """One registered public client, one account, and the endpoints behind one of the doors."""

    def __init__(
        self, application: Application, clock: FakeClock, door: str, **client: Any
    ) -> None:
        self.application = application
        self.server = application.server
        self.clock = clock
        self.http = Client(application.wsgi if door == "front door" else application.flask)
        self.register(CLIENT_ID, **client)
        self.add_account("ada")

    def register(
        self,
        client_id: str,
        *,
        grant_types: tuple[str, ...] = (DEVICE_CODE, "refresh_token"),
        scopes: tuple[str, ...] = ("profile",),
        confidential: bool = False,
        **more: Any,
    ) -> str | None:
        """Register a client named after its id; return its secret, if any."""
        _, secret = self.server.register_client(
            client_id, f"The {client_id}", grant_types, scopes, confidential=confidential, **more
        )
        return secret

    # The device

    def start(self, **parameters: str) -> dict[str, Any]:
        """Ask for codes and return what the device was told."""
        response = self.post("/device_authorization", {"client_id": CLIENT_ID, **parameters})
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def poll(self, device_code: str, **parameters: str) -> TestResponse:
        """Poll once."""
        form = {"grant_type": DEVICE_CODE, "device_code": device_code, "client_id": CLIENT_ID}
        return self.post("/token", {**form, **parameters})

    def error(self, device_code: str, **parameters: str) -> str:
        """Poll once and return the error."""
        return str((self.poll(device_code, **parameters).json or {}).get("error"))

    def refresh(self, refresh_token: str, **parameters: str) -> TestResponse:
        """Refresh once."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("/token", {**form, "client_id": CLIENT_ID, **parameters})

    def post(
        self,
        path: str,
        form: dict[str, str] | str | bytes,
        headers: dict[str, str] | None = None,
        content_type: str = "application/x-www-form-urlencoded",
    ) -> TestResponse:
        """Send a form."""
        environ = {"REMOTE_ADDR": "127.0.0.1"}
        return self.http.post(
            path, data=form, headers=headers, content_type=content_type, environ_base=environ
        )

    # The person

    def add_account(self, username: str, *, disabled: bool = False) -> Account:
        """Add a person, named after the username and whose password is PASSWORD."""
        now = self.clock()
        account = Account(
            f"subject of {username}", username, username.title(), _password_hash(), now, disabled
        )
        assert self.server.ports.accounts.add(account)
        return account

    def session(self, username: str = "ada") -> Session:
        """Sign a person in, in a browser of their own, without the slow hash."""
        now = self.clock()
        session = Session(secrets.token_bytes(32), f"subject of {username}", now, now)
        self.server.ports.sessions.add(session)
        return session

    def claim(self, user_code: str, session: Session) -> str:
        """Enter a code that opens a request; return its reference."""
        reference = self.server.claim(user_code, session, "192.0.2.1")
        assert isinstance(reference, str)
        return reference

    def approve(self, user_code: str) -> None:
        """Enter a code and approve."""
        session = self.session()
        approved = self.server.approve(self.claim(user_code, session), session)
        assert isinstance(approved, DeviceRequest)

    def deny(self, user_code: str) -> None:
        """Enter a code and deny."""
        session = self.session()
        self.server.deny(self.claim(user_code, session), session)

    def signed_in(self) -> dict[str, Any]:
        """Play a whole sign-in and return the tokens."""
        codes = self.start()
        self.approve(codes["user_code"])
        return dict(self.poll(codes["device_code"]).json or {})


@contextmanager
def opened(directory: Path, clock: FakeClock, **settings: Any) -> Iterator[Stage]:
    """Give the front door of a server with settings of its own."""
    application = build(make(database=f"sqlite:///{directory}/opened.db", **settings), clock)
    yield Stage(application, clock, "front door")
    application.close()


@cache
def _password_hash() -> str:
    return Argon2PasswordHasher().hash(PASSWORD)


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
