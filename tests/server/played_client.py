"""Clients that prove themselves in each way there is, with keys of their own."""

import json
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from werkzeug.test import TestResponse

from server.core.authorization_server import DEVICE_CODE
from tests.server.proving_device import ISSUER, sign
from tests.server.stage import Stage, basic

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_CURVES = {"ES256": "P-256", "ES384": "P-384"}


def new_key(algorithm: str = "ES256") -> ECKey | OKPKey | RSAKey:
    """Make a key for an algorithm of RFC 7518 3.1 or RFC 8037 3.1."""
    if algorithm in _CURVES:
        return ECKey.generate_key(_CURVES[algorithm])
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(2048)


def jwks(*keys: ECKey | OKPKey | RSAKey) -> str:
    """Return the public half of keys as a JWK set."""
    return json.dumps(KeySet(list(keys)).as_dict(private=False))


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token of ours, unchecked."""
    payload = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


class PlayedClient:
    """A registered client, named after the method by which it authenticates."""

    def __init__(
        self,
        stage: Stage,
        method: str = "client_secret_basic",
        algorithm: str = "ES256",
        **more: Any,
    ) -> None:
        self.stage = stage
        self.method = method
        self.algorithm = algorithm
        self.client_id = more.pop("client_id", method)
        signing = method == "private_key_jwt"
        self.key = new_key(algorithm) if signing else None
        self.secret = stage.register(
            self.client_id,
            confidential=method.startswith("client_secret"),
            jwks=jwks(self.key) if self.key else None,
            **more,
        )

    def post(
        self, path: str, headers: Mapping[str, str] | None = None, /, **form: str
    ) -> TestResponse:
        """Send a form, with what proves the client."""
        credentials, header = self._credentials()
        return self.stage.post(path, {**credentials, **form}, {**header, **(headers or {})})

    def signed_in(self, **parameters: str) -> dict[str, Any]:
        """Play a whole sign-in of ada's on a device and return the tokens."""
        codes = self.post("/device_authorization", **parameters).json or {}
        self.stage.approve(codes["user_code"])
        form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
        return dict(self.post("/token", **form).json or {})

    def assertion(self, header: Mapping[str, Any] | None = None, /, **changes: Any) -> str:
        """Sign an assertion (RFC 7523 3), changed; None leaves a claim out."""
        assert self.key
        now = int(self.stage.clock())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "exp": now + 60,
            "iat": now,
            "jti": secrets.token_hex(8),
        }
        return sign({"alg": self.algorithm, **(header or {})}, {**claims, **changes}, self.key)

    def _credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        if self.method == "client_secret_basic":
            return {}, basic(self.client_id, self.secret or "")
        if self.method == "client_secret_post":
            return {"client_id": self.client_id, "client_secret": self.secret or ""}, {}
        if self.method == "private_key_jwt":
            assertion = {"client_assertion": self.assertion(), "client_assertion_type": JWT_BEARER}
            return assertion, {}
        return {"client_id": self.client_id}, {}


def told(response: TestResponse) -> tuple[int, str]:
    """Return the status and the error of an answer."""
    return response.status_code, str((response.json or {}).get("error"))
