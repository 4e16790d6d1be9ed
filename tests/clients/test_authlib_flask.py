"""Authlib's client for Flask: a web application whose sign-in we are."""

from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.flask_client import OAuth  # type: ignore[import-untyped]
from flask import Flask
from flask.testing import FlaskClient

from tests.clients.issuer import CALLBACK, Issuer
from tests.clients.person import Person


@pytest.fixture(params=["RS256", "ES256"])
def browser(issuer: Issuer, request: pytest.FixtureRequest) -> FlaskClient:
    """Give a browser at the application, which knows our metadata's address and no more."""
    client = issuer.register("authorization_code", confidential=True, id_token_alg=request.param)
    application = Flask("application")
    application.secret_key = "a key of the application"
    application.testing = True
    oauth = OAuth(application)
    oauth.register(
        "pairlight",
        client_id=client.client_id,
        client_secret=client.secret,
        server_metadata_url=f"{issuer.url}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )
    application.get("/sign-in")(lambda: oauth.pairlight.authorize_redirect(CALLBACK))

    @application.get("/callback")
    def callback() -> dict[str, Any]:
        token = oauth.pairlight.authorize_access_token()
        return {"id_token": token["userinfo"], "userinfo": oauth.pairlight.userinfo(token=token)}

    return application.test_client()


def sign_in(browser: FlaskClient, person: Person, decision: str) -> Any:
    """Start at the application and return there."""
    address = browser.get("/sign-in", base_url=CALLBACK).location
    return browser.get(person.decide(address, decision)).json


def test_sign_in(issuer: Issuer, browser: FlaskClient, person: Person) -> None:
    """Signature, nonce, issuer and audience hold, and both tell the same. OpenID Connect 3.1.3."""
    told = sign_in(browser, person, "approve")
    assert told["id_token"]["iss"] == issuer.url
    assert told["id_token"]["sub"] == told["userinfo"]["sub"]
    assert told["userinfo"]["name"] == "Ada"


def test_denied(browser: FlaskClient, person: Person) -> None:
    """The application is told of the denial. RFC 6749 4.1.2.1."""
    with pytest.raises(OAuthError, match="access_denied"):
        sign_in(browser, person, "deny")
