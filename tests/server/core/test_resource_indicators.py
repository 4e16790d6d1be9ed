"""Which API a token is for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.app import build
from server.config import make
from server.core import resource_indicators
from server.core.authorization_server import DEVICE_CODE
from server.core.errors import ErrorCode, OAuthError
from server.core.records import Client
from server.core.resource_indicators import requested
from server.core.settings import Settings
from tests.fakes import FakeClock
from tests.server.browser_app import BrowserApp
from tests.server.played_client import PlayedClient, claims_of, told
from tests.server.stage import PASSWORD, Stage

ISSUER, API, FILMS, MUSIC = (
    "https://tv.example",
    "https://api.example",
    "https://films.example/v1",
    "https://music.example",
)

ROBOT = ("client_credentials",)


@pytest.fixture
def stage(tmp_path: Path, clock: FakeClock) -> Iterator[Stage]:
    """Give a server with a default audience and two more."""
    database = f"sqlite:///{tmp_path}/p.db"
    config = make(
        issuer=ISSUER,
        audience=API,
        resources=f"{FILMS} {MUSIC}",
        database=database,
        allow_password_grant=True,
    )
    application = build(config, clock)
    yield Stage(application, clock, "front door", resources=(FILMS, MUSIC))
    application.close()


def audience(response: TestResponse) -> Any:
    """Return the `aud` of an answer's access token."""
    return claims_of((response.json or {})["access_token"])["aud"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("", API),
        ("resource=", API),
        (f"resource={API}", API),
        (f"resource={ISSUER}", ISSUER),
        (f"resource={FILMS}", FILMS),
        (f"resource={FILMS}&resource={MUSIC}", [FILMS, MUSIC]),
        (f"resource={FILMS}&resource={FILMS}", FILMS),
        (f"resource=&resource={FILMS}", FILMS),
    ],
)
def test_a_token_is_for_what_was_asked_for(stage: Stage, resource: str, expected: Any) -> None:
    """`aud` is the resources of the request, each once, or the default. RFC 8707 2."""
    secret = stage.register("box", grant_types=ROBOT, confidential=True, resources=(FILMS, MUSIC))
    body = f"grant_type=client_credentials&client_id=box&client_secret={secret}&{resource}"
    assert audience(stage.post("/token", body)) == expected


@pytest.mark.parametrize(
    "resource",
    [
        "https://other.example",
        f"{FILMS}/",
        "films",
        f"{FILMS}#x",
        f"{FILMS} x",
        "HTTPS://API.EXAMPLE",
    ],
)
def test_an_unknown_api_is_refused(stage: Stage, resource: str) -> None:
    """A resource that is not known to the letter is invalid_target. RFC 8707 2."""
    grants = (*ROBOT, DEVICE_CODE)
    client = PlayedClient(stage, grant_types=grants, resources=(FILMS, MUSIC))
    ask = {"grant_type": "client_credentials", "resource": resource}
    assert told(client.post("/token", **ask)) == (400, "invalid_target")
    start = client.post("/device_authorization", resource=resource)
    assert told(start) == (400, "invalid_target")


@pytest.mark.parametrize("resource", [MUSIC, f"{FILMS} {MUSIC}", f"{API} {MUSIC}"])
def test_an_api_of_other_clients_is_refused(stage: Stage, resource: str) -> None:
    """A client that is not registered for an API gets no token for it anywhere. RFC 8707 2."""
    grants = (*ROBOT, DEVICE_CODE, "authorization_code")
    more: dict[str, Any] = {"confidential": True, "resources": (FILMS,)}
    app = BrowserApp(stage, grant_types=grants, **more)
    refused = (400, "invalid_target")
    token = {"grant_type": "client_credentials", "resource": resource}
    assert told(app.post("/token", token)) == refused
    assert told(app.post("/device_authorization", {"resource": resource})) == refused
    assert told(app.push(resource=resource)) == refused
    assert app.refusal(resource=resource)["error"] == "invalid_target"


def test_without_apis_of_its_own_a_client_has_the_default_and_the_issuer(stage: Stage) -> None:
    """Those two need no registration, and nothing else comes with them. RFC 8707 2."""
    client = PlayedClient(stage, client_id="box", grant_types=ROBOT)
    for resource in (API, ISSUER):
        answer = client.post("/token", grant_type="client_credentials", resource=resource)
        assert audience(answer) == resource
    answer = client.post("/token", grant_type="client_credentials", resource=FILMS)
    assert told(answer) == (400, "invalid_target")


def test_the_password_grant_keeps_to_the_apis_of_the_client(stage: Stage) -> None:
    """A person's password opens no API that the client is not registered for. RFC 8707 2."""
    end = stage.clock() + 60
    stage.register("old", grant_types=("password",), password_until=end)
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": "old"}
    answer = stage.post("/token", {**form, "resource": FILMS})
    assert told(answer) == (400, "invalid_target")


def test_an_api_that_is_not_known_any_more_is_refused() -> None:
    """What the configuration has forgotten is no client's any more. RFC 8707 2."""
    client = Client("tv", "TV", None, DEVICE_CODE, "profile", 0, resources=f"{FILMS} {MUSIC}")
    settings = Settings(resources=FILMS)
    assert requested({"resource": FILMS}, client, settings) == FILMS
    with pytest.raises(OAuthError) as refused:
        requested({"resource": MUSIC}, client, settings)
    assert refused.value.code is ErrorCode.INVALID_TARGET


@pytest.mark.parametrize(
    ("resource", "hosts"),
    [
        ("", ()),
        (API, ()),
        (FILMS, ("films.example",)),
        (f"{MUSIC}?a/b", ("music.example",)),
        (f"{API} {FILMS} {FILMS}/x {ISSUER}", ("films.example", "tv.example")),
        ("urn:example:films https://[", ("urn:example:films", "[")),
    ],
)
def test_people_are_told_the_hosts(resource: str, hosts: tuple[str, ...]) -> None:
    """Each host once, the whole name where there is none, and not the default. RFC 8707 3."""
    settings = Settings(issuer=ISSUER, audience=API)
    assert resource_indicators.told(resource, settings) == hosts


def test_a_device_gets_tokens_for_what_it_started_with(stage: Stage) -> None:
    """What the request named holds for every token of the grant. RFC 8707 2.1, 2.2."""
    codes = stage.start(resource=FILMS)
    stage.approve(codes["user_code"])
    first = stage.poll(codes["device_code"])
    assert audience(first) == FILMS
    assert audience(stage.refresh((first.json or {})["refresh_token"])) == FILMS


def test_one_token_may_be_for_less(stage: Stage) -> None:
    """A token request picks among the granted resources; the grant keeps all. RFC 8707 2.2."""
    codes = stage.post("/device_authorization", f"client_id=tv&resource={FILMS}&resource={MUSIC}")
    stage.approve((codes.json or {})["user_code"])
    first = stage.poll((codes.json or {})["device_code"], resource=MUSIC)
    assert audience(first) == MUSIC
    second = stage.refresh((first.json or {})["refresh_token"], resource=FILMS)
    assert audience(second) == FILMS
    third = stage.refresh((second.json or {})["refresh_token"])
    assert audience(third) == [FILMS, MUSIC]


def test_a_token_is_never_for_more(stage: Stage) -> None:
    """A resource beyond the grant is invalid_target, and nothing is spent. RFC 8707 2.2."""
    codes = stage.start(resource=FILMS)
    stage.approve(codes["user_code"])
    assert stage.error(codes["device_code"], resource=MUSIC) == "invalid_target"
    token = (stage.poll(codes["device_code"]).json or {})["refresh_token"]
    assert told(stage.refresh(token, resource=API)) == (400, "invalid_target")
    assert stage.refresh(token, resource=FILMS).status_code == 200


def test_a_token_for_another_api_is_none_for_us(stage: Stage) -> None:
    """What a film API was given opens nothing here. RFC 9068 4."""
    codes = stage.start(resource=FILMS)
    stage.approve(codes["user_code"])
    token = (stage.poll(codes["device_code"]).json or {})["access_token"]
    response = stage.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert told(response) == (401, "invalid_token")


def test_an_api_is_told_of_tokens_for_it_alone(stage: Stage) -> None:
    """Of two tokens it learns of the one that it is for, also when that is for more. IN-03."""
    films = PlayedClient(stage, client_id="films", serves=(FILMS,))
    asking = PlayedClient(stage, client_id="box", grant_types=ROBOT, resources=(FILMS, MUSIC))
    for resource, active in ((FILMS, True), (MUSIC, False), (f"{MUSIC} {FILMS}", True)):
        answer = asking.post("/token", grant_type="client_credentials", resource=resource)
        token = (answer.json or {})["access_token"]
        assert (films.post("/introspect", token=token).json or {})["active"] is active
