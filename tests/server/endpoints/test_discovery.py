"""The metadata document tells the truth: each value in it is tried out by real requests."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import update
from werkzeug.test import TestResponse

from server.app import build
from server.config import make
from server.core.authorization_server import DEVICE_CODE
from server.core.metadata import metadata
from server.core.records import Client
from server.core.settings import Settings
from server.storage.schema import accounts
from tests.fakes import FakeClock
from tests.server.browser import Browser, in_fragment, in_query
from tests.server.played_client import PlayedClient, claims_of, new_key, told
from tests.server.proving_device import CHALLENGE, VERIFIER, ProvingDevice
from tests.server.stage import PASSWORD, Stage

PATH = "/.well-known/oauth-authorization-server"
BACK = "https://photos.example/back"
SCOPES = ("openid", "profile", "email")
GRANTS = (DEVICE_CODE, "refresh_token", "authorization_code", "client_credentials")
ASKED = {
    "client_id": "photos",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "openid profile email",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
Probe = Callable[["Discovered", Any], None]


class Discovered(Stage):
    """A server as its metadata describes it, with an application for everything it offers."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        settings = self.server.settings
        self.document: Mapping[str, Any] = self.http.get(PATH).json or {}
        self.generous = settings.allow_implicit
        more = ("implicit", "password") if self.generous else ()
        self.photos = PlayedClient(
            self,
            client_id="photos",
            grant_types=(*GRANTS, *more),
            scopes=SCOPES,
            redirect_uris=(BACK,),
            password_until=self.clock() + 86400 if self.generous else None,
        )
        with self.application.database.writing() as connection:
            connection.execute(update(accounts).values(email="ada@example.com"))

    def path_of(self, member: str) -> str:
        """Return the path of an advertised address."""
        address: str = self.document[member]
        assert address.startswith(self.document["issuer"])
        return urlsplit(address).path

    def at(self, member: str, client: PlayedClient | None = None, /, **form: str) -> TestResponse:
        """Send a form to an advertised address."""
        return (client or self.photos).post(self.path_of(member), **form)

    def tokens_of_code(self, **changes: str) -> dict[str, Any]:
        """Play a whole sign-in in a browser and return the tokens."""
        asked = {**ASKED, "prompt": "consent", **changes}
        code = in_query(Browser(self).approve(**asked))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        answer = self.at("token_endpoint", **form, code_verifier=VERIFIER)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def renewed(self, refresh_token: str) -> TestResponse:
        """Refresh once."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.at("token_endpoint", **form)

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """Ask who an access token speaks for."""
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = self.http.get(self.path_of("userinfo_endpoint"), headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def verified(self, token: str, algorithm: str) -> dict[str, Any]:
        """Return the claims of a token that one of the published keys signed."""
        published: Any = self.http.get(self.path_of("jwks_uri")).json
        keys = KeySet.import_key_set(published)
        return dict(jwt.decode(token, keys, algorithms=[algorithm]).claims)


@pytest.fixture(params=[False, True], ids=["careful", "generous"])
def discovered(
    tmp_path: Path, clock: FakeClock, request: pytest.FixtureRequest
) -> Iterator[Discovered]:
    """Give a server as it comes, and one with everything discouraged switched on."""
    config = make(
        database=f"sqlite:///{tmp_path}/p.db",
        allow_implicit=request.param,
        allow_password_grant=request.param,
    )
    application = build(config, clock)
    yield Discovered(application, clock, "front door")
    application.close()


# Addresses


def _issuer(stage: Discovered, issuer: str) -> None:
    token = stage.photos.signed_in()["access_token"]
    assert stage.verified(token, "ES256")["iss"] == issuer
    assert (stage.http.get(urlsplit(issuer).path + PATH).json or {})["issuer"] == issuer


def _device_authorization(stage: Discovered, _: str) -> None:
    assert stage.at("device_authorization_endpoint").status_code == 200


def _token(stage: Discovered, _: str) -> None:
    assert told(stage.at("token_endpoint")) == (400, "invalid_request")


def _authorization(stage: Discovered, _: str) -> None:
    path = stage.path_of("authorization_endpoint")
    assert "The photos" in Browser(stage).http.get(path, query_string=ASKED).text


def _pushed(stage: Discovered, _: str) -> None:
    pushed = stage.at("pushed_authorization_request_endpoint", **ASKED).json or {}
    asked = {"client_id": "photos", "request_uri": pushed["request_uri"]}
    assert "code" in in_query(Browser(stage).approve(**asked))


def _revocation(stage: Discovered, _: str) -> None:
    token = stage.photos.signed_in()["refresh_token"]
    assert stage.at("revocation_endpoint", token=token).json == {}
    assert told(stage.renewed(token)) == (400, "invalid_grant")


def _introspection(stage: Discovered, _: str) -> None:
    token = stage.photos.signed_in()["access_token"]
    assert (stage.at("introspection_endpoint", token=token).json or {})["active"] is True


def _userinfo(stage: Discovered, _: str) -> None:
    assert stage.userinfo(stage.photos.signed_in()["access_token"])["sub"] == "subject of ada"


def _end_session(stage: Discovered, _: str) -> None:
    page = Browser(stage).http.get(stage.path_of("end_session_endpoint"))
    assert page.status_code == 200
    assert "Sign out" in page.text


def _jwks(stage: Discovered, _: str) -> None:
    assert stage.verified(stage.photos.signed_in()["access_token"], "ES256")["client_id"]


# What can be asked for


def _grant_types(stage: Discovered, grant_types: list[str]) -> None:
    found = {name: earn(stage).get("access_token") for name, earn in EARNED.items()}
    assert {name for name, token in found.items() if token} == set(grant_types)


def _by_device(stage: Discovered) -> dict[str, Any]:
    return stage.photos.signed_in()


def _by_refresh(stage: Discovered) -> dict[str, Any]:
    return dict(stage.renewed(stage.photos.signed_in()["refresh_token"]).json or {})


def _by_itself(stage: Discovered) -> dict[str, Any]:
    return dict(stage.at("token_endpoint", grant_type="client_credentials").json or {})


def _by_password(stage: Discovered) -> dict[str, Any]:
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD}
    return dict(stage.at("token_endpoint", **form).json or {})


def _implicitly(stage: Discovered) -> dict[str, str]:
    asked = {**ASKED, "response_type": "token"}
    asked = {name: one for name, one in asked.items() if not name.startswith("code")}
    browser = Browser(stage)
    return in_fragment(browser.approve(**asked) if stage.generous else browser.ask(**asked))


EARNED: Mapping[str, Callable[[Discovered], Mapping[str, Any]]] = {
    DEVICE_CODE: _by_device,
    "refresh_token": _by_refresh,
    "authorization_code": Discovered.tokens_of_code,
    "client_credentials": _by_itself,
    "implicit": _implicitly,
    "password": _by_password,
}


def _response_types(stage: Discovered, response_types: list[str]) -> None:
    assert response_types == (["code", "token"] if stage.generous else ["code"])
    assert "code" in in_query(Browser(stage).approve(**ASKED))
    assert ("access_token" in _implicitly(stage)) == stage.generous
    for other, place in (("id_token", in_fragment), ("code token", in_fragment), ("x", in_query)):
        refused = place(Browser(stage).ask(**{**ASKED, "response_type": other}))
        assert refused["error"] == "unsupported_response_type"


def _response_modes(stage: Discovered, response_modes: list[str]) -> None:
    assert response_modes == (["query", "fragment"] if stage.generous else ["query"])
    assert "code" in in_query(Browser(stage).approve(**ASKED, response_mode="query"))
    if stage.generous:
        asked = {"client_id": "photos", "redirect_uri": BACK, "response_type": "token"}
        answer = Browser(stage).approve(**asked, response_mode="fragment")
        assert "access_token" in in_fragment(answer)
    for other in ("fragment", "form_post"):
        refused = in_query(Browser(stage).ask(**ASKED, response_mode=other))
        assert refused["error"] == "invalid_request"


def _scopes(stage: Discovered, scopes: list[str]) -> None:
    for scope in scopes:
        assert stage.photos.signed_in(scope=scope)["scope"] == scope


def _claims(stage: Discovered, claims: list[str]) -> None:
    tokens = stage.tokens_of_code()
    found = {*claims_of(tokens["id_token"]), *stage.userinfo(tokens["access_token"])}
    assert found == set(claims)


def _subject_types(stage: Discovered, subject_types: list[str]) -> None:
    assert subject_types == ["public"]
    other = PlayedClient(stage, client_id="other", scopes=("openid",))
    subjects = {claims_of(one.signed_in()["id_token"])["sub"] for one in (stage.photos, other)}
    assert len(subjects) == 1


def _id_token_algorithms(stage: Discovered, algorithms: list[str]) -> None:
    assert "RS256" in algorithms  # OpenID Connect Discovery 1.0 3
    for algorithm in algorithms:
        name = algorithm.lower()
        client = PlayedClient(stage, client_id=name, scopes=("openid",), id_token_alg=algorithm)
        claims = stage.verified(client.signed_in()["id_token"], algorithm)
        assert (claims["aud"], claims["sub"]) == (name, "subject of ada")


def _prompts(stage: Discovered, prompts: list[str]) -> None:
    stage.tokens_of_code()
    stage.clock.advance(61)
    browser = Browser(stage)
    assert "code" in in_query(browser.ask(**ASKED))  # it was approved once
    found = {prompt: browser.ask(**ASKED, prompt=prompt) for prompt in prompts}
    assert "code" in in_query(found.pop("none"))
    assert "Sign in this application?" in found.pop("consent").text
    assert "Switch account" in found.pop("select_account").text
    stage.clock.advance(61)
    assert 'name="password"' in browser.ask(**ASKED, prompt=found.popitem()[0]).text
    assert not found
    assert in_query(browser.ask(**ASKED, prompt="create"))["error"] == "invalid_request"


def _challenge_methods(stage: Discovered, methods: list[str]) -> None:
    assert methods == ["S256"]
    assert stage.tokens_of_code()["access_token"]
    plain = {**ASKED, "code_challenge_method": "plain"}
    assert in_query(Browser(stage).ask(**plain))["error"] == "invalid_request"


# How clients prove themselves


def _methods_at(endpoint: str, **form: str) -> Probe:
    def probe(stage: Discovered, methods: list[str]) -> None:
        for method in methods:
            client = PlayedClient(stage, method)
            assert stage.at(endpoint, client, **form).status_code == 200, method
        if "none" not in methods:
            refused = stage.at(endpoint, PlayedClient(stage, "none"), **form)
            assert told(refused) == (401, "invalid_client")

    return probe


def _methods_at_token(stage: Discovered, methods: list[str]) -> None:
    for method in methods:
        assert PlayedClient(stage, method).signed_in()["access_token"], method


def _algorithms_at(endpoint: str, **form: str) -> Probe:
    def probe(stage: Discovered, algorithms: list[str]) -> None:
        for algorithm in algorithms:
            client = PlayedClient(
                stage,
                "private_key_jwt",
                algorithm,
                client_id=algorithm,
                grant_types=("client_credentials",),
            )
            assert stage.at(endpoint, client, **form).status_code == 200, algorithm

    return probe


def _dpop_algorithms(stage: Discovered, algorithms: list[str]) -> None:
    for algorithm in algorithms:
        key = new_key(algorithm)
        header = {"alg": algorithm, "jwk": key.as_dict(private=False)}
        device = ProvingDevice(stage)
        device.key = cast("ECKey", key)
        proof = device.proof(header=header)
        answer = stage.photos.post("/token", {"DPoP": proof}, grant_type="client_credentials")
        assert (answer.json or {})["token_type"] == "DPoP", algorithm


# Yes or no


def _iss(stage: Discovered, told_in_answers: bool) -> None:
    for answer in (Browser(stage).approve(**ASKED), Browser(stage).ask(**ASKED, prompt="?")):
        assert (in_query(answer).get("iss") == stage.document["issuer"]) is told_in_answers


def _request(stage: Discovered, supported: bool) -> None:
    refused = in_query(Browser(stage).ask(**ASKED, request="e30.e30."))
    assert (refused["error"] != "request_not_supported") is supported


def _request_uri(stage: Discovered, supported: bool) -> None:
    asked = {"client_id": "photos", "request_uri": "https://photos.example/request.jwt"}
    assert (Browser(stage).ask(**asked).status_code != 400) is supported


def _claims_parameter(stage: Discovered, supported: bool) -> None:
    wanted = json.dumps({"userinfo": {"name": {"essential": True}}})
    tokens = stage.tokens_of_code(scope="openid", claims=wanted)
    assert ("name" in stage.userinfo(tokens["access_token"])) is supported


CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}
PROBES: Mapping[str, Probe] = {
    "issuer": _issuer,
    "device_authorization_endpoint": _device_authorization,
    "token_endpoint": _token,
    "authorization_endpoint": _authorization,
    "pushed_authorization_request_endpoint": _pushed,
    "revocation_endpoint": _revocation,
    "introspection_endpoint": _introspection,
    "userinfo_endpoint": _userinfo,
    "end_session_endpoint": _end_session,
    "jwks_uri": _jwks,
    "grant_types_supported": _grant_types,
    "response_types_supported": _response_types,
    "response_modes_supported": _response_modes,
    "scopes_supported": _scopes,
    "claims_supported": _claims,
    "subject_types_supported": _subject_types,
    "id_token_signing_alg_values_supported": _id_token_algorithms,
    "token_endpoint_auth_methods_supported": _methods_at_token,
    "token_endpoint_auth_signing_alg_values_supported": _algorithms_at(
        "token_endpoint", **CLIENT_CREDENTIALS
    ),
    "revocation_endpoint_auth_methods_supported": _methods_at("revocation_endpoint", token="x"),
    "revocation_endpoint_auth_signing_alg_values_supported": _algorithms_at(
        "revocation_endpoint", token="x"
    ),
    "introspection_endpoint_auth_methods_supported": _methods_at(
        "introspection_endpoint", token="x"
    ),
    "introspection_endpoint_auth_signing_alg_values_supported": _algorithms_at(
        "introspection_endpoint", token="x"
    ),
    "dpop_signing_alg_values_supported": _dpop_algorithms,
    "code_challenge_methods_supported": _challenge_methods,
    "authorization_response_iss_parameter_supported": _iss,
    "request_parameter_supported": _request,
    "request_uri_parameter_supported": _request_uri,
    "claims_parameter_supported": _claims_parameter,
    "prompt_values_supported": _prompts,
}


@pytest.mark.parametrize("member", metadata(Settings(), (), ()))
def test_every_member_is_true(discovered: Discovered, member: str) -> None:
    """A member without a probe fails, and so does a value that is not as it says. MD-04."""
    PROBES[member](discovered, discovered.document[member])


def test_nothing_else_is_advertised(discovered: Discovered) -> None:
    """The document has the members that are probed, and no others. MD-04."""
    assert discovered.document.keys() == PROBES.keys()


def test_what_is_switched_off_is_off_for_everybody(stage: Stage) -> None:
    """A client that was registered before it was switched off is refused. RO-01, IM-01."""
    client = Client("old", "Old", None, "implicit password", "profile", stage.clock())
    stage.server.ports.clients.add(client._replace(redirect_uris=BACK))
    asked = {"client_id": "old", "redirect_uri": BACK, "response_type": "token"}
    refused = in_fragment(Browser(stage).ask(**asked))
    assert refused["error"] == "unsupported_response_type"
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": "old"}
    assert told(stage.post("/token", form)) == (400, "unsupported_grant_type")
