"""The portal over the real server and a real database; only the clock is made up."""

from collections.abc import Callable
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.app import build
from server.config import make
from server.core.authorization_server import DEVICE_CODE, AuthorizationServer
from server.core.client_request import ClientRequest
from server.core.device_authorization import DeviceAuthorizationResponse
from server.core.records import Account, Client, DeviceAuthorization
from server.core.tokens import digest
from tests.fakes import FakeClock

PASSWORD = "correct horse battery staple"
XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "</title></textarea><svg/onload=alert(1)>",
    "{{ 7 * 7 }}<b>${7*7}",
    "\u202e<a href=javascript:alert(1)>",
)
START = 1_788_789_780.0  # 7 Sep 2026, 14:03 UTC
APP = "https://photos.example/back"
API = "https://films.example/v1"
ASKED = {
    "response_type": "code",
    "client_id": "photos",
    "redirect_uri": APP,
    "scope": "profile",
    "state": "s/1 &ü",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URGo_DbcyUYOBw",
    "code_challenge_method": "S256",
}


class Portal(NamedTuple):
    """A running portal, and a browser in front of it."""

    server: AuthorizationServer
    app: Flask
    browser: FlaskClient
    clock: FakeClock
    close: Callable[[], None]

    def post(self, path: str, browser: FlaskClient | None = None, /, **form: str) -> TestResponse:
        """Post a form as the browser would from our page, hidden token included."""
        browser = browser or self.browser
        token = form_token(browser.get(self.path("/device")).text)
        return browser.post(self.path(path), data={"form_token": token, **form})

    def path(self, path: str) -> str:
        """Return the path of a page under the issuer's, with its query."""
        return urlsplit(self.server.settings.url(path))._replace(scheme="", netloc="").geturl()

    def load(self, path: str) -> TestResponse:
        """Load a file, whole."""
        return self.browser.get(path, buffered=True)

    def sign_in(self, username: str = "maria", browser: FlaskClient | None = None) -> None:
        """Sign a person in."""
        page = self.post("/sign-in", browser, username=username, password=PASSWORD)
        assert page.status_code == 303

    def knows(self, browser: FlaskClient) -> bool:
        """Tell whether somebody is signed in in a browser."""
        return "Signed in as" in browser.get(self.path("/device")).text

    def sign_out(self) -> TestResponse:
        """Sign out."""
        return self.post("/sign-out")

    def cookie(self) -> str:
        """Return the identifier that the browser keeps."""
        cookie = self.browser.get_cookie("__Host-pairlight")
        assert cookie is not None
        return cookie.value

    def start(self, **device: str) -> DeviceAuthorizationResponse:
        """Let a device ask for its codes."""
        return self.server.authorize_device(
            ClientRequest(
                {
                    "client_id": device.get("client_id", "tv"),
                    "resource": device.get("resource", ""),
                },
                address=device.get("address", "203.0.113.9"),
                user_agent=device.get("user_agent", "Cinema/4.2 (TV)"),
            )
        )

    def claim(self, codes: DeviceAuthorizationResponse) -> str:
        """Sign Maria in where nobody is, enter the code and return the address of the request."""
        if not self.knows(self.browser):
            self.sign_in()
        page = self.post("/device", user_code=codes.user_code)
        assert page.status_code == 303
        return page.location[len(self.path("")) :]

    def decide(self, address: str, decision: str, **form: str) -> TestResponse:
        """Press Approve or Deny, with the box ticked."""
        return self.post(address, **{"possession": "yes", "decision": decision, **form})

    def ask(self, **changes: str) -> TestResponse:
        """Open the page of an application's request."""
        return self.browser.get(self.path(asking(**changes)))

    def answer(self, decision: str, **changes: str) -> TestResponse:
        """Look at an application's request and press Approve or Deny."""
        page = self.ask(**changes).text
        return self.post(
            asking("/authorize/decision", **changes), decision=decision, seal=hidden("seal", page)
        )

    def record(self, codes: DeviceAuthorizationResponse) -> DeviceAuthorization:
        """Return what the store holds of a device authorization."""
        found = self.server.ports.device_authorizations.find_by_device_code(
            digest(codes.device_code)
        )
        assert found is not None
        return found


@cache
def password_hash() -> str:
    """Hash the password of all accounts, with the least effort that argon2 allows."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def form_token(page: str) -> str:
    """Return the hidden token of a page's first form."""
    return hidden("form_token", page)


def hidden(name: str, page: str) -> str:
    """Return the value of a page's first hidden field of a name."""
    return unescape(page.partition(f'name="{name}" value="')[2].partition('"')[0])


def asking(path: str = "/authorize", **changes: str) -> str:
    """Return the address of an application's request; an empty change takes a parameter away."""
    asked = {name: value for name, value in {**ASKED, **changes}.items() if value}
    return f"{path}?{urlencode(asked)}"


def answered(page: TestResponse) -> dict[str, str]:
    """Return what the application is told in the address that an answer leads to."""
    assert page.status_code == 303
    assert page.location.startswith(f"{APP}?")
    return dict(parse_qsl(urlsplit(page.location).query))


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


def markup(page: str) -> set[str]:
    """Return the names of all tags and attributes of a page."""
    parser = _Markup()
    parser.feed(page)
    return parser.found


def open_portal(
    directory: Path, issuer: str = "https://pair.example", *, implicit: bool = False
) -> Portal:
    """Start a portal with two people and two clients, on a fresh database."""
    clock = FakeClock(START)
    config = make(
        issuer=issuer,
        database=f"sqlite:///{directory}/pairlight.db",
        secret="made-up-" * 4,
        allow_implicit=implicit,
        resources=API,
    )
    application = build(config, clock)
    app, server = application.flask, application.server
    for username, name in (("maria", "Maria Sample"), ("ben", "")):
        server.ports.accounts.add(
            Account(f"subject of {username}", username, name, password_hash(), START, False)
        )
    add_client(server, "tv", "Living Room Cinema")
    add_application(server, "photos", "Photo Album", APP)
    return Portal(server, app, browser_of(app), clock, application.database.close)


def add_client(
    server: AuthorizationServer,
    client_id: str,
    name: str,
    grant_types: str = DEVICE_CODE,
    *,
    return_code: bool = False,
) -> None:
    """Register an application for devices."""
    client = Client(client_id, name, None, grant_types, "profile", START, resources=API)
    server.ports.clients.add(client._replace(return_code=return_code))


def add_application(
    server: AuthorizationServer,
    client_id: str,
    name: str,
    redirect_uri: str,
    *,
    grant_types: str = "authorization_code",
    secret: bytes | None = None,
) -> None:
    """Register an application for browsers, with the same address after a logout."""
    server.ports.clients.add(
        Client(
            client_id,
            name,
            secret,
            grant_types,
            "profile",
            START,
            redirect_uris=redirect_uri,
            logout_redirect_uris=redirect_uri,
            resources=API,
        )
    )


def browser_of(app: Flask, *, identifier: str = "", cookies: bool = True) -> FlaskClient:
    """Open a fresh browser, perhaps with an identifier from elsewhere, perhaps without cookies.

    It asks under another host name than the issuer's: nothing may depend on that.
    """
    browser = app.test_client(use_cookies=cookies)
    if identifier:
        browser.set_cookie("__Host-pairlight", identifier)
    return browser
