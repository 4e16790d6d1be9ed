"""The page for TVs, as the portal serves it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from server.app import build
from server.config import make
from tests.verifier_web.portal import Portal

FILES = ["", "index.html", "tv.css", "app.js", "flow.js", "qr.js", "config.js"]


@pytest.fixture(params=["https://pair.example", "https://pair.example/home"])
def tv(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Client, str]]:
    """Give a browser before a server with the page, and the issuer, which may have a path."""
    config = make(
        issuer=request.param, database=f"sqlite:///{tmp_path}/p.db", tv_page="living-room"
    )
    application = build(config)
    yield Client(application.wsgi), request.param
    application.close()


def base(issuer: str) -> str:
    """Return the path of an issuer."""
    return issuer.removeprefix("https://pair.example")


@pytest.mark.parametrize("name", FILES)
def test_its_files_are_served(tv: tuple[Client, str], name: str) -> None:
    """Page, style and scripts are there, each as what it is. HD-02"""
    http, issuer = tv
    answer = http.get(f"{base(issuer)}/tv/{name}", buffered=True)
    kinds = {"": "text/html", "html": "text/html", "css": "text/css", "js": "text/javascript"}
    assert (answer.status_code, answer.mimetype) == (200, kinds[name.rpartition(".")[2]])


@pytest.mark.parametrize("name", FILES)
def test_nothing_but_its_own_files_may_run(tv: tuple[Client, str], name: str) -> None:
    """Scripts, styles and requests are of this server alone, and no site frames it. HD-01"""
    http, issuer = tv
    headers = http.get(f"{base(issuer)}/tv/{name}", buffered=True).headers
    assert headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
    ]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("query", ["", "?lang=de", "?lang=%0d%0aX-A:b"])
def test_the_address_without_a_slash_leads_there(tv: tuple[Client, str], query: str) -> None:
    """People type /tv; they are sent on to the issuer's own host, in their language. AC-11"""
    http, issuer = tv
    answer = http.get(f"{base(issuer)}/tv{query}", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.location) == (303, f"{issuer}/tv/{query}")


def test_it_is_configured_for_this_server(tv: tuple[Client, str]) -> None:
    """The page is told issuer and client; opening it asks for a code, and nothing is kept. CL-12"""
    http, issuer = tv
    script = http.get(f"{base(issuer)}/tv/config.js").text
    config = json.loads(script.removeprefix("var PairlightTV = ").removesuffix(";\n"))["config"]
    assert (config["issuer"], config["clientId"]) == (issuer, "living-room")
    assert (config["startAtOnce"], config["keepTokens"]) == (True, False)


@pytest.mark.parametrize("name", ["nowhere.js", "../flow.py", "..%2fflow.py", "README.md", "%00"])
def test_nothing_else_is_served(tv: tuple[Client, str], name: str) -> None:
    """What is not one of the page's own files is not found. HD-04"""
    http, issuer = tv
    answer = http.get(f"{base(issuer)}/tv/{name}", buffered=True)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/tv", "/tv/", "/tv/app.js"])
def test_it_is_off_unless_asked_for(portal: Portal, path: str) -> None:
    """A server without the setting has no such page. TE-14"""
    assert portal.browser.get(path).status_code == 404
