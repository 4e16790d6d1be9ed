"""An application that signs people in by way of their browser, to play scenes with."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from server.core.authorization import Consent, Redirect, SignInNeeded
from server.core.authorization_request import AuthorizationRequest
from server.core.records import Session
from tests.server.stage import Stage, basic

APP = "https://photos.example/back"
VERIFIER = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
GRANT_TYPES = ("authorization_code", "refresh_token")


class BrowserApp:
    """One registered application. An empty change takes a parameter away."""

    def __init__(
        self,
        stage: Stage,
        client_id: str = "photos",
        grant_types: tuple[str, ...] = GRANT_TYPES,
        scopes: tuple[str, ...] = ("openid", "profile"),
        redirect_uris: tuple[str, ...] = (APP,),
        **more: Any,
    ) -> None:
        self.stage = stage
        self.client_id = client_id
        self.client, self.secret = stage.server.register_client(
            client_id, f"The {client_id}", grant_types, scopes, redirect_uris=redirect_uris, **more
        )
        self.asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uris[0],
            "scope": "profile",
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }

    # By way of the browser

    def read(self, **changes: str) -> AuthorizationRequest | Redirect:
        """Send the browser with a request; return what the server makes of it."""
        asked = {**self.asked, **changes}
        return self.stage.server.read_authorization(tuple(asked.items()))

    def request(self, **changes: str) -> AuthorizationRequest:
        """Send the browser with a request that is good."""
        found = self.read(**changes)
        assert isinstance(found, AuthorizationRequest), found
        return found

    def refusal(self, **changes: str) -> dict[str, str]:
        """Send the browser with a request that is refused; return what the app is told."""
        found = self.read(**changes)
        assert isinstance(found, Redirect), found
        return told(found)

    def step(
        self, session: Session | None, **changes: str
    ) -> Consent | SignInNeeded | dict[str, str]:
        """Send the browser with a request; return the page, or what the app is told."""
        found = self.stage.server.next_step(self.request(**changes), session)
        return told(found) if isinstance(found, Redirect) else found

    def silently(self, **changes: str) -> dict[str, str]:
        """Send ada's browser with a request that needs no page; return what the app is told."""
        found = self.step(self.stage.session(), **changes)
        assert isinstance(found, dict), found
        return found

    def approval(self, session: Session | None = None, **changes: str) -> Redirect:
        """Have ada approve a request; return where her browser is sent."""
        session = session or self.stage.session()
        return self.stage.server.answer_authorization(self.request(**changes), session, True)

    def code(self, session: Session | None = None, **changes: str) -> str:
        """Have ada approve a request; return the code."""
        return told(self.approval(session, **changes))["code"]

    # Past the browser

    def redeem(self, code: str, **changes: str) -> TestResponse:
        """Exchange a code once."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.asked["redirect_uri"],
            "code_verifier": VERIFIER,
        }
        return self.post("/token", {**form, **changes})

    def error(self, code: str, **changes: str) -> str:
        """Exchange a code once and return the error."""
        return str((self.redeem(code, **changes).json or {}).get("error"))

    def refresh(self, refresh_token: str) -> TestResponse:
        """Refresh once."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("/token", form)

    def lives(self, answer: dict[str, Any]) -> bool:
        """Tell whether tokens are good, by both of them. The scope has openid."""
        bearer = {"Authorization": f"Bearer {answer['access_token']}"}
        access = self.stage.http.get("/userinfo", headers=bearer).status_code == 200
        assert (self.refresh(answer["refresh_token"]).status_code == 200) is access
        return access

    def push(self, **changes: str) -> TestResponse:
        """Send a request ahead."""
        return self.post("/par", {**self.asked, **changes})

    def pushed(self, **changes: str) -> dict[str, str]:
        """Send a request ahead; return what the browser is then to bring."""
        found = self.push(**changes)
        assert found.status_code == 201, found.text
        return {"client_id": self.client_id, "request_uri": (found.json or {})["request_uri"]}

    def post(self, path: str, form: dict[str, str]) -> TestResponse:
        """Send a form as this client."""
        headers = basic(self.client_id, self.secret) if self.secret else None
        form = {"client_id": self.client_id, **form}
        return self.stage.post(path, {k: v for k, v in form.items() if v}, headers)


def approved_before(stage: Stage) -> BrowserApp:
    """Return a confidential client that ada has approved."""
    app = BrowserApp(stage, "trusted", confidential=True)
    assert app.redeem(app.code()).status_code == 200
    return app


def told(redirect: Redirect) -> dict[str, str]:
    """Return what an app is told in an address, by query or by fragment."""
    parts = urlsplit(redirect.url)
    assert not (parts.query and parts.fragment)
    return dict(parse_qsl(parts.query or parts.fragment, strict_parsing=True))
