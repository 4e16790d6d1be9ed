"""A device with a key of its own, and apps that ask by way of a browser (RFC 9449)."""

import hashlib
import json
from base64 import urlsafe_b64encode
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from server.core.authorization import Redirect
from server.core.authorization_request import AuthorizationRequest
from server.core.authorization_server import DEVICE_CODE
from server.core.records import Session
from tests.server.stage import CLIENT_ID, Stage

ISSUER = "http://localhost:8628"
REDIRECT_URI = "https://app.example/back"
VERIFIER = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
WITH_CHALLENGE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
_NUMBERS = count()


class ProvingDevice:
    """Makes a new proof for each request. Its clock may differ from the stage's."""

    def __init__(self, stage: Stage, client_id: str = CLIENT_ID) -> None:
        self.stage = stage
        self.client_id = client_id
        self.key = ECKey.generate_key("P-256")
        self.clock_is_off_by = 0
        self.nonce: str | None = None

    @property
    def thumbprint(self) -> str:
        """Return the name of the key (RFC 7638)."""
        return self.key.thumbprint()

    def proof(
        self, path: str = "/token", header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """Make a proof for a POST to a path, changed; None leaves a claim out."""
        claims = {
            "htm": "POST",
            "htu": ISSUER + path,
            "iat": int(self.stage.clock()) + self.clock_is_off_by,
            "jti": f"proof {next(_NUMBERS)}",
            "nonce": self.nonce,
            **changes,
        }
        public = self.key.as_dict(private=False)
        whole = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public, **(header or {})}
        return sign(whole, claims, self.key)

    def post(self, path: str, form: dict[str, str], **changes: Any) -> TestResponse:
        """Send a form with a proof."""
        headers = {"DPoP": self.proof(path, **changes)}
        return self.stage.post(path, {"client_id": self.client_id, **form}, headers)

    def start(self, **parameters: str) -> dict[str, Any]:
        """Ask for codes and return what the device was told."""
        response = self.post("/device_authorization", parameters)
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def poll(self, device_code: str, **parameters: str) -> TestResponse:
        """Poll once."""
        form = {"grant_type": DEVICE_CODE, "device_code": device_code, **parameters}
        return self.post("/token", form)

    def refresh(self, refresh_token: str, **parameters: str) -> TestResponse:
        """Refresh once."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **parameters}
        return self.post("/token", form)

    def signed_in(self) -> dict[str, Any]:
        """Play a whole sign-in and return the tokens."""
        codes = self.start()
        self.stage.approve(codes["user_code"])
        response = self.poll(codes["device_code"])
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def userinfo(self, access_token: str, scheme: str = "DPoP", **changes: Any) -> TestResponse:
        """Ask who somebody is, with a proof for that."""
        ath = _base64url(hashlib.sha256(access_token.encode()).digest())
        proof = self.proof("/userinfo", **{"htm": "GET", "ath": ath, **changes})
        headers = {"Authorization": f"{scheme} {access_token}", "DPoP": proof}
        return self.stage.http.get("/userinfo", headers=headers)


def sign(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """Sign whatever it is, where a library would object; None leaves a member out."""
    parts = [
        _base64url(
            json.dumps({name: one for name, one in part.items() if one is not None}).encode()
        )
        for part in (header, claims)
    ]
    signature = JWSRegistry.algorithms[header["alg"]].sign(".".join(parts).encode(), key)
    return ".".join([*parts, _base64url(signature)])


def error_of(response: TestResponse) -> str:
    """Return the error of an answer that must be none of success."""
    assert response.status_code in (400, 401), response.text
    return str((response.json or {})["error"])


def register_app(stage: Stage, client_id: str = "app", **more: Any) -> str | None:
    """Register an app that people sign in to by way of a browser; return its secret, if any."""
    grant_types = ("authorization_code", "refresh_token")
    _, secret = stage.server.register_client(
        client_id,
        f"The {client_id}",
        grant_types,
        ("openid", "profile"),
        redirect_uris=(REDIRECT_URI,),
        **more,
    )
    return secret


def authorization_code(
    stage: Stage, client_id: str = "app", session: Session | None = None, **parameters: str
) -> str:
    """Ask by way of a browser, have ada consent, and return the code."""
    asked = {"client_id": client_id, "redirect_uri": REDIRECT_URI, "response_type": "code"}
    request = stage.server.read_authorization(
        list({**asked, **WITH_CHALLENGE, **parameters}.items())
    )
    assert isinstance(request, AuthorizationRequest), request
    redirect = stage.server.answer_authorization(request, session or stage.session(), True)
    assert isinstance(redirect, Redirect)
    return parse_qs(urlsplit(redirect.url).query)["code"][0]


def code_form(code: str) -> dict[str, str]:
    """Return the token request of a code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }


def _base64url(material: bytes) -> str:
    return urlsafe_b64encode(material).rstrip(b"=").decode()
