"""The page on protecting an API is what happens: its code runs against a real Pairlight."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.resource import ResourceServer
from tests.server.stage import Stage

PAGE = (Path(__file__).parents[3] / "docs/protecting_an_api.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the page's blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def run(code: str, issuer: str) -> dict[str, Any]:
    """Run a block of the page, with another issuer's address in it; return its names."""
    assert code.count("http://localhost:8628") == 1
    names: dict[str, Any] = {"__name__": "films"}
    exec(code.replace("http://localhost:8628", issuer), names)  # noqa: S102 - the page's own code
    return names


@pytest.fixture
def films(listening_portal: Stage) -> FlaskClient:
    """Give the API of the page's first block, while the portal listens."""
    names = run(blocks("python")[0], listening_portal.server.settings.issuer)
    client: FlaskClient = names["api"].test_client()
    return client


def call(films: FlaskClient, token: str) -> TestResponse:
    """Do what the page's curl does."""
    return films.get("/films", headers={"Authorization": f"Bearer {token}"})


def is_shown(response: TestResponse, shown: str) -> bool:
    """Tell whether the page shows this answer; it may leave out headers, and cut things short."""
    head, _, body = shown.partition("\n\n")
    status, *headers = head.split("\n")
    found = [f"{name}: {value}" for name, value in response.headers.items()]
    return (
        status == f"HTTP/1.1 {response.status}"
        and all(any(map(_pattern(header).fullmatch, found)) for header in headers)
        and _pattern(body.strip()).fullmatch(response.text.strip()) is not None
    )


def _pattern(shown: str) -> re.Pattern[str]:
    return re.compile(re.escape(shown).replace("…", '[^"]+'))


def test_the_recipe_works(portal: Stage, films: FlaskClient) -> None:
    """The token of a signed-in device opens the API of the page. RFC 9068 4."""
    response = call(films, portal.signed_in()["access_token"])
    assert response.json == {"for": "subject of ada"}
    assert is_shown(response, blocks("http")[0])


def test_the_refusals_are_as_shown(portal: Stage, films: FlaskClient) -> None:
    """No token, a bad one and one with too little scope are answered as the page says. BR-03."""
    assert is_shown(films.get("/films"), blocks("http")[1])
    assert is_shown(call(films, "x.y.z"), blocks("http")[2])
    portal.register("plain", scopes=())
    codes = portal.start(client_id="plain")
    portal.approve(codes["user_code"])
    tokens = portal.poll(codes["device_code"], client_id="plain").json or {}
    assert is_shown(call(films, tokens["access_token"]), blocks("http")[3])


def test_a_portal_that_is_down_is_as_shown(portal: Stage) -> None:
    """A good token at an API whose portal was never up is answered as the page says. RB-07."""
    films = run(blocks("python")[0], portal.server.settings.issuer)["api"].test_client()
    assert is_shown(call(films, portal.signed_in()["access_token"]), blocks("http")[4])


def test_the_other_way_is_written_right(portal: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block on introspection makes a guard. RFC 7662 2.1."""
    monkeypatch.setenv("FILM_API_SECRET", "a secret")
    names = run(blocks("python")[1], portal.server.settings.issuer)
    assert isinstance(names["protected"], ResourceServer)


def test_the_page_shows_no_other_answer() -> None:
    """Each answer on the page is one that these tests compare. RFC 6750 3.1."""
    assert len(blocks("http")) == 5
    assert len(blocks("python")) == 2
