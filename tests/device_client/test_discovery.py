"""Finding the endpoints, and refusing what is not the configured server's."""

import json

import pytest

from device_client.discovery import discover

ISSUER = "https://as.example"
ENDPOINTS = {
    "device_authorization_endpoint": "https://as.example/device_authorization",
    "token_endpoint": "https://as.example/token",
}


class Web:
    """Pages by address; 404 for all others. Keeps what was asked for."""

    def __init__(self, **pages: object) -> None:
        self.pages: dict[str, tuple[int, object]] = {}
        self.asked: list[str] = []

    def put(self, url: str, body: object, status: int = 200) -> "Web":
        self.pages[url] = status, body
        return self

    def fetch(self, url: str) -> tuple[int, bytes]:
        self.asked.append(url)
        status, body = self.pages.get(url, (404, "not here"))
        return status, json.dumps(body).encode()


@pytest.mark.parametrize(
    ("issuer", "addresses"),
    [
        (
            "https://as.example",
            [
                "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration",
            ],
        ),
        (
            "https://as.example/tenant/1",
            [
                "https://as.example/.well-known/oauth-authorization-server/tenant/1",
                "https://as.example/tenant/1/.well-known/openid-configuration",
            ],
        ),
        (
            "https://as.example:8443/tenant/",
            [
                "https://as.example:8443/.well-known/oauth-authorization-server/tenant",
                "https://as.example:8443/tenant/.well-known/openid-configuration",
            ],
        ),
    ],
)
def test_addresses(issuer: str, addresses: list[str]) -> None:
    """Both places are asked, each by its own rule for paths. RFC 8414 3.1 and 5."""
    web = Web().put(addresses[1], ENDPOINTS | {"issuer": issuer})
    assert discover(issuer, web.fetch)["token_endpoint"] == "https://as.example/token"
    assert web.asked == addresses


def test_first_place_is_enough() -> None:
    """OpenID Connect's place is not asked when RFC 8414's answers. RFC 8414 3."""
    web = Web().put(
        "https://as.example/.well-known/oauth-authorization-server", ENDPOINTS | {"issuer": ISSUER}
    )
    discover(ISSUER, web.fetch)
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": "https://evil.example"}, "calls itself https://evil.example"),
        ({"issuer": "https://as.example/"}, "calls itself"),
        ({"issuer": None}, "calls itself"),
        ({"token_endpoint": None}, "no token_endpoint"),
        ({"device_authorization_endpoint": 5}, "no device_authorization_endpoint"),
        ({"token_endpoint": "http://as.example/token"}, "not an https URL"),
    ],
)
def test_refused(changes: dict[str, object], words: str) -> None:
    """Metadata of another issuer, or without usable endpoints, is refused. CL-18, RFC 8414 3.3."""
    page = ENDPOINTS | {"issuer": ISSUER} | changes
    web = Web().put("https://as.example/.well-known/oauth-authorization-server", page)
    with pytest.raises(ValueError, match=words):
        discover(ISSUER, web.fetch)


@pytest.mark.parametrize("page", ["text", [], None])
def test_no_metadata(page: object) -> None:
    """A server that has none, or something else in its place, is no authorization server."""
    web = Web().put("https://as.example/.well-known/openid-configuration", page)
    with pytest.raises(ValueError, match="has no authorization server metadata"):
        discover(ISSUER, web.fetch)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_server_in_trouble(status: int) -> None:
    """A server in trouble is a matter of waiting, not of configuration. CL-04."""
    web = Web().put("https://as.example/.well-known/oauth-authorization-server", {}, status)
    with pytest.raises(OSError, match=str(status)):
        discover(ISSUER, web.fetch)


def test_plain_http_when_asked() -> None:
    """With the explicit word, endpoints may be plain http. CL-09."""
    web = Web().put(
        "http://as.example/.well-known/oauth-authorization-server",
        {
            "issuer": "http://as.example",
            "device_authorization_endpoint": "http://as.example/d",
            "token_endpoint": "http://as.example/t",
        },
    )
    assert discover("http://as.example", web.fetch, plain_http=True)
