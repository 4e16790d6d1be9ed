"""Refreshing for one of several APIs, and with a key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from server.app import build
from server.config import make
from tests.fakes import FakeClock
from tests.server.proving_device import ProvingDevice, error_of
from tests.server.stage import CLIENT_ID, Stage

FILMS, MUSIC = "https://films.example", "https://music.example"


@pytest.fixture
def two_apis(tmp_path: Path, clock: FakeClock) -> Iterator[Stage]:
    """Give a server that two APIs trust."""
    config = make(database=f"sqlite:///{tmp_path}/two.db", resources=f"{FILMS} {MUSIC}")
    application = build(config, clock)
    yield Stage(application, clock, "front door", resources=(FILMS, MUSIC))
    application.close()


def for_both(stage: Stage) -> dict[str, Any]:
    """Sign in for both APIs; return the tokens."""
    form = urlencode([("client_id", CLIENT_ID), ("resource", FILMS), ("resource", MUSIC)])
    codes = stage.post("/device_authorization", form).json or {}
    stage.approve(codes["user_code"])
    return dict(stage.poll(codes["device_code"]).json or {})


def audience(stage: Stage, tokens: dict[str, Any]) -> Any:
    """Return whom an access token is for."""
    return (stage.server.ports.signer.verify(tokens["access_token"]) or {})["aud"]


def test_one_answer_can_be_for_one_api(two_apis: Stage) -> None:
    """A refresh for one of them narrows that answer and not the grant. RT-01, RFC 8707 2.2."""
    first = for_both(two_apis)
    assert audience(two_apis, first) == [FILMS, MUSIC]
    films = two_apis.refresh(first["refresh_token"], resource=FILMS).json or {}
    music = two_apis.refresh(films["refresh_token"], resource=MUSIC).json or {}
    assert [audience(two_apis, films), audience(two_apis, music)] == [FILMS, MUSIC]
    whole = two_apis.refresh(music["refresh_token"]).json or {}
    assert audience(two_apis, whole) == [FILMS, MUSIC]


def test_a_refresh_is_for_no_api_that_was_not_granted(two_apis: Stage) -> None:
    """An API that the person did not consent to is invalid_target. RT-01, RFC 8707 2.2."""
    codes = two_apis.start(resource=FILMS)
    two_apis.approve(codes["user_code"])
    token = (two_apis.poll(codes["device_code"]).json or {})["refresh_token"]
    for other in (MUSIC, "https://films.example/", two_apis.server.settings.issuer):
        assert error_of(two_apis.refresh(token, resource=other)) == "invalid_target"


def test_a_bound_refresh_token_needs_its_key(stage: Stage) -> None:
    """Another key and none are invalid_grant and spend nothing; its own key refreshes. DP-01."""
    device = ProvingDevice(stage)
    token = device.signed_in()["refresh_token"]
    for _ in range(3):
        assert error_of(ProvingDevice(stage).refresh(token)) == "invalid_grant"
        assert error_of(stage.refresh(token)) == "invalid_grant"
        answer = device.refresh(token).json or {}
        claims = stage.server.ports.signer.verify(answer["access_token"]) or {}
        assert (answer["token_type"], claims["cnf"]) == ("DPoP", {"jkt": device.thumbprint})
        token = answer["refresh_token"]


def test_the_first_proof_binds_a_refresh_token(stage: Stage) -> None:
    """A device that learns to prove its key is held to it from then on. DP-01, RFC 9449 5."""
    device, token = ProvingDevice(stage), stage.signed_in()["refresh_token"]
    latest = (device.refresh(token).json or {})["refresh_token"]
    for either in (token, latest):
        assert error_of(stage.refresh(either)) == "invalid_grant"
        assert error_of(ProvingDevice(stage).refresh(either)) == "invalid_grant"
    assert device.refresh(latest).status_code == 200


def test_a_spent_bound_token_ends_the_grant(stage: Stage) -> None:
    """Rotation watches over bound tokens, too. RT-02, DP-01."""
    device = ProvingDevice(stage)
    first = device.signed_in()["refresh_token"]
    second = (device.refresh(first).json or {})["refresh_token"]
    third = (device.refresh(second).json or {})["refresh_token"]
    assert error_of(device.refresh(first)) == "invalid_grant"
    assert error_of(device.refresh(third)) == "invalid_grant"


def test_who_lacks_the_key_cannot_end_a_grant(stage: Stage) -> None:
    """A spent token in the hands of somebody without the key does no harm. RT-02, DP-01."""
    device = ProvingDevice(stage)
    first = device.signed_in()["refresh_token"]
    second = (device.refresh(first).json or {})["refresh_token"]
    third = (device.refresh(second).json or {})["refresh_token"]
    assert error_of(stage.refresh(first)) == "invalid_grant"
    assert error_of(ProvingDevice(stage).refresh(first)) == "invalid_grant"
    assert device.refresh(third).status_code == 200
