"""Requests made up from the OpenAPI document, fitting and not: the answers are what it says.

`FAULT_REQUESTS` is how many are made up for each address, method and kind.
"""

import copy
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from server.core.authorization_server import DEVICE_CODE
from server.core.ports import StoreUnavailable
from server.waiting_room.places import Place
from tests.faults.scene import CHALLENGE, VERIFIER, Scene, count, furnish
from tests.faults.test_openapi import DOCUMENT
from tests.server.stage import basic

schemathesis = pytest.importorskip("schemathesis", reason="install the test dependencies")

REQUESTS = count("FAULT_REQUESTS", 30)
FORM = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.timeout(60 + REQUESTS)

# What schemathesis holds every answer to. What a request is granted depends on more than its form.
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
PUSH, REVOKE, INTROSPECT = "/par", "/revoke", "/introspect"
# The others take nothing.
GENERATED = ["/device_authorization", "/token", PUSH, REVOKE, INTROSPECT, "/userinfo"]


class House:
    """A server with clients, codes in every state and tokens, and what the document says of it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.secret = scene.register("kiosk", confidential=True) or ""
        scene.register("refresher", grant_types=("refresh_token",))
        scene.register("lamp", scopes=("light",))
        _, secret = scene.server.register_client(
            "app",
            "The app",
            ("authorization_code", "client_credentials"),
            ("profile", "light"),
            confidential=True,
            redirect_uris=("https://app.example/cb",),
        )
        self.app_secret = secret or ""
        self.tokens = scene.signed_in()
        self.codes = {
            "pending": scene.start()["device_code"],
            "bound": scene.start(**CHALLENGE)["device_code"],
            "denied": self._decided(scene.deny),
            "approved": self._decided(scene.approve),
        }
        self.schema = schemathesis.openapi.from_dict(self._known())
        self.schema.app = scene.application.wsgi

    def _decided(self, decide: Any) -> str:
        codes = self.scene.start()
        decide(codes["user_code"])
        return str(codes["device_code"])

    def _known(self) -> dict[str, Any]:
        """Return the document with what is known here: nobody makes up a device code."""
        known = copy.deepcopy(DOCUMENT)
        schemas = known["components"]["schemas"]
        start = known["paths"]["/device_authorization"]["post"]["requestBody"]["content"][FORM]
        forms = [start["schema"], schemas["DeviceCodeGrant"], schemas["RefreshTokenGrant"]]
        for form in forms:
            form["properties"]["client_id"] = {"enum": ["tv", "radio", "kiosk", "refresher"]}
            form["properties"]["client_secret"] = {"enum": [self.secret, "wrong"]}
        for name in (PUSH, REVOKE, INTROSPECT):
            asked = known["paths"][name]["post"]["requestBody"]["content"][FORM]["schema"]
            asked["properties"]["client_id"] = {"enum": ["tv", "kiosk", "app"]}
            asked["properties"]["client_secret"] = {"enum": [self.secret, self.app_secret]}
            if name != PUSH:
                asked["properties"]["token"] = {"enum": [*self.tokens.values(), "unknown"]}
        forms[1]["properties"]["device_code"] = {"enum": [*self.codes.values(), "unknown"]}
        forms[1]["properties"]["code_verifier"] = {"enum": [VERIFIER, "w" * 43]}
        forms[2]["properties"]["refresh_token"] = {"enum": [self.tokens["refresh_token"], "old"]}
        return known

    def check(self, case: Any, answer: Any) -> None:
        """Hold an answer to the document."""
        known = schemathesis.checks.CHECKS
        case.validate_response(answer, checks=[known.get_one(name) for name in CHECKS])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the server, furnished."""
    yield from opened(tmp_path_factory)


@pytest.fixture(scope="module")
def busy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give another one, where the codes are used up and the limits are met."""
    yield from opened(tmp_path_factory)


def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield a house on a database of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('contract')}/pairlight.db"
    scene = furnish(url, scopes={"profile": "See your name", "light": "Switch the light"})
    yield House(scene)
    scene.close()


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time of a held poll be over as soon as it begins."""
    monkeypatch.setattr(Place, "wait", lambda *_: False)


@pytest.mark.parametrize("kind", ["positive", "negative"])
@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path, method in OPERATIONS if path in GENERATED]
)
def test_made_up_requests(busy_house: House, path: str, method: str, kind: str) -> None:
    """No request gets an answer that the document does not know. TOK-13, TOK-14, RB-08."""
    mode = schemathesis.GenerationMode(kind)
    operation = busy_house.schema[path][method]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=REQUESTS, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        answer = case.call()
        assert answer.status_code < 500
        busy_house.check(case, answer)

    ask()


# One request for each documented answer.


def poll(house: House, state: str, **parameters: str) -> dict[str, Any]:
    """Return a poll."""
    form = {"grant_type": DEVICE_CODE, "client_id": "tv", "device_code": house.codes[state]}
    return {"body": {**form, **parameters}}


def refresh(house: House, **parameters: str) -> dict[str, Any]:
    """Return a refresh."""
    form = {"grant_type": "refresh_token", "refresh_token": house.tokens["refresh_token"]}
    return {"body": {**form, "client_id": "tv", **parameters}}


def bearer(tokens: dict[str, Any], scheme: str = "Bearer") -> dict[str, Any]:
    """Return a call with an access token."""
    return {"headers": {"Authorization": f"{scheme} {tokens['access_token']}"}}


def as_app(house: House, **parameters: str) -> dict[str, Any]:
    """Return a call of the client that has a secret and an address to come back to."""
    return {"body": parameters, "headers": basic("app", house.app_secret)}


def own(house: House) -> str:
    """Return an access token of that client."""
    asked = as_app(house, grant_type="client_credentials")
    answer = house.scene.post(TOKEN, asked["body"], asked["headers"])
    return str((answer.json or {})["access_token"])


def lamp(house: House) -> dict[str, Any]:
    """Return the tokens of a client that may not see who the person is."""
    codes = house.scene.start(client_id="lamp")
    house.scene.approve(codes["user_code"])
    return dict(house.scene.poll(codes["device_code"], client_id="lamp").json or {})


START, TOKEN, USERINFO = "/device_authorization", "/token", "/userinfo"
AT_A_STORE = [START, TOKEN, PUSH, REVOKE, INTROSPECT, USERINFO, "/health"]
GRANT = {"grant_type": "refresh_token", "refresh_token": "x"}
CODE, TV, WRONG = "authorization_code", {"client_id": "tv"}, basic("kiosk", "wrong")
HELD = {"headers": {"Prefer": "wait=1"}}
Asked = dict[str, Any] | Callable[[House], dict[str, Any]]
ASKED: dict[str, tuple[str, int, Asked]] = {
    "codes": (START, 200, {"body": {"client_id": "tv"}}),
    "codes and a symbol": (START, 200, {"body": {"client_id": "tv", "qr": "bits", **CHALLENGE}}),
    "an unknown client": (START, 400, {"body": {"client_id": "nobody"}}),
    "another grant type": (START, 400, {"body": {"client_id": "refresher"}}),
    "too much scope": (START, 400, {"body": {"client_id": "tv", "scope": "more"}}),
    "a wrong client": (START, 401, {"body": {}, "headers": basic("kiosk", "wrong")}),
    "a long name": (START, 413, {"body": {"device_name": "x" * 17_000}}),
    "tokens": (TOKEN, 200, lambda house: poll(house, "approved")),
    "new tokens": (TOKEN, 200, refresh),
    "pending": (TOKEN, 400, lambda house: poll(house, "pending")),
    "slow down": (TOKEN, 400, lambda house: poll(house, "pending")),
    "held": (TOKEN, 400, lambda house: {**poll(house, "bound", code_verifier=VERIFIER), **HELD}),
    "denied": (TOKEN, 400, lambda house: poll(house, "denied")),
    "another's code": (TOKEN, 400, lambda house: poll(house, "pending", client_id="radio")),
    "no such grant type": (TOKEN, 400, lambda house: refresh(house, grant_type="password")),
    "for itself": (TOKEN, 200, lambda house: as_app(house, grant_type="client_credentials")),
    "no such code": (TOKEN, 400, lambda house: as_app(house, grant_type=CODE, code="x")),
    "a wrong proof": (TOKEN, 400, {"body": GRANT | TV, "headers": {"DPoP": "x"}}),
    "a pushed request": (PUSH, 201, lambda house: as_app(house, response_type="code")),
    "a wrong pushed request": (PUSH, 400, lambda house: as_app(house, response_type="x")),
    "a pushed request of a wrong client": (PUSH, 401, {"body": {}, "headers": WRONG}),
    "revoked": (REVOKE, 200, {"body": {"token": "x"} | TV}),
    "nothing to revoke": (REVOKE, 400, {"body": TV}),
    "revoked by a wrong client": (REVOKE, 401, {"body": {"token": "x"}, "headers": WRONG}),
    "an inactive token": (INTROSPECT, 200, lambda house: as_app(house, token="x")),
    "an active token": (INTROSPECT, 200, lambda house: as_app(house, token=own(house))),
    "no token": (INTROSPECT, 400, lambda house: as_app(house, token_type_hint="x")),
    "asked by a public client": (INTROSPECT, 401, {"body": {"token": "x"} | TV}),
    "asked by a wrong client": (INTROSPECT, 401, {"body": {"token": "x"}, "headers": WRONG}),
    "nothing": (TOKEN, 400, {"body": {}}),
    "a wrong secret": (TOKEN, 401, {"body": GRANT, "headers": basic("kiosk", "wrong")}),
    "a long scope": (TOKEN, 413, lambda house: refresh(house, scope="x" * 17_000)),
    "who": (USERINFO, 200, lambda house: bearer(house.tokens)),
    "who, with a wrong token": (USERINFO, 401, bearer({"access_token": "x"})),
    "who, without a token": (USERINFO, 401, {}),
    "who, with a wrong proof": (USERINFO, 401, lambda house: bearer(house.tokens, "DPoP")),
    "who, without the scope": (USERINFO, 403, lambda house: bearer(lamp(house))),
    "keys": ("/jwks.json", 200, {}),
    "metadata": ("/.well-known/oauth-authorization-server", 200, {}),
    "discovery": ("/.well-known/openid-configuration", 200, {}),
    "health": ("/health", 200, {}),
}


def call(house: House, path: str, asked: dict[str, Any]) -> Any:
    """Make a request of our own, hold its answer to the document and return it."""
    method = "post" if "body" in asked else "get"
    media = {"media_type": FORM} if "body" in asked else {}
    case = house.schema[path][method].Case(**media, **asked)
    answer = case.call()
    house.check(case, answer)
    return answer


@pytest.mark.parametrize("name", ASKED)
def test_every_answer_is_documented(house: House, name: str) -> None:
    """Each kind of answer is as the document has it: status, headers, members. TOK-13."""
    path, status, asked = ASKED[name]
    found = asked(house) if callable(asked) else asked
    assert call(house, path, found).status_code == status


@pytest.mark.parametrize("path", [START, TOKEN])
def test_too_many_is_documented(house: House, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a limit there is 429 with the time to wait. DAE-21."""
    counters = house.scene.server.ports.quick_counters
    monkeypatch.setattr(counters, "count", lambda *_: False)
    unknown = {"grant_type": DEVICE_CODE, "client_id": "tv", "device_code": "unknown"}
    asked = {START: {"client_id": "tv"}, TOKEN: unknown}
    assert call(house, path, {"body": asked[path]}).status_code == 429


@pytest.mark.parametrize("path", [PUSH, REVOKE, INTROSPECT])
def test_too_many_wrong_secrets_are_documented(
    house: House, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After too many wrong secrets there is 429 with the time to wait. RL-08."""
    monkeypatch.setattr(house.scene.server.ports.quick_counters, "spent", lambda *_: True)
    assert call(house, path, as_app(house, token="x")).status_code == 429


@pytest.mark.parametrize("path", AT_A_STORE)
def test_unavailable_is_documented(
    house: House, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store there is 503 with the time to wait. LO-02."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    ports = house.scene.server.ports
    monkeypatch.setattr(type(ports.device_authorizations), "standing", fail)
    monkeypatch.setattr(type(ports.pushed_requests), "add", fail)
    monkeypatch.setattr(type(ports.grants), "find_refresh_token", fail)
    monkeypatch.setattr(type(ports.device_authorizations), "add", fail)
    monkeypatch.setattr(type(ports.device_authorizations), "count_live", fail)
    monkeypatch.setattr(type(ports.grants), "find", fail)
    asked: dict[str, Any] = {
        START: {"body": {"client_id": "tv"}},
        TOKEN: poll(house, "pending"),
        PUSH: as_app(house, response_type="code"),
        REVOKE: as_app(house, token="x"),
        INTROSPECT: as_app(house, token="x"),
        USERINFO: bearer(house.tokens),
        "/health": {},
    }
    assert call(house, path, asked[path]).status_code == 503


def test_nothing_is_documented_that_never_happens() -> None:
    """Each documented status of a GET or POST is asked for above."""
    seen = {(path, str(status)) for path, status, _ in ASKED.values()}
    seen |= {(path, "429") for path in (START, TOKEN, PUSH, REVOKE, INTROSPECT)}
    seen |= {(path, "503") for path in AT_A_STORE}
    documented = {
        (path, status)
        for path, methods in DOCUMENT["paths"].items()
        for status in reduce(set.union, (set(one["responses"]) for one in methods.values()))
    }
    everywhere = {"405", "413"}  # before any endpoint is reached
    assert {pair for pair in documented if pair[1] not in everywhere} <= seen
