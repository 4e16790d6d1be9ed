"""What every answer tells browsers not to do."""

from pathlib import Path

import pytest
from flask import Response

from tests.verifier_web.portal import Portal, open_portal
from verifier_web.security_headers import form_source, headers, leading_to

PATHS = [
    "/",
    "/device",
    "/D/WDJBMJHT",
    "/sign-in",
    "/device/unknown",
    "/nowhere",
    "/sign-out",
    "/authorize",
    "/logout",
    "/authorize/decision",
]


@pytest.mark.parametrize("path", PATHS)
def test_on_every_page(portal: Portal, path: str) -> None:
    """Pages, redirects and errors carry them all. VER-25, HD-01, HD-02"""
    answer = portal.browser.get(path).headers
    assert {name: answer.get(name) for name in headers(True)} == headers(True)


@pytest.mark.parametrize(
    "directive",
    [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
    ],
)
def test_content_security_policy(directive: str) -> None:
    """No scripts, no frames, no other hosts. HD-01, HD-03, VER-25"""
    assert directive in headers(True)["Content-Security-Policy"].split("; ")


@pytest.mark.parametrize(
    ("redirect_uri", "source"),
    [
        ("https://photos.example/back?x=1", "https://photos.example"),
        ("https://photos.example", "https://photos.example"),
        ("https://photos.example:8443/", "https://photos.example:8443"),
        ("http://127.0.0.1:49152/back", "http://127.0.0.1:49152"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:49152/back", "http://*:49152"),
        ("com.example.photos:/back", "com.example.photos:"),
        ("com.example.photos://back/x", "com.example.photos:"),
    ],
)
def test_form_source(redirect_uri: str, source: str) -> None:
    """A page's form may lead to the application's origin, or to its private scheme. HD-01"""
    assert form_source(redirect_uri) == source


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "",
        "*",
        "https:",
        "https://*/",
        "https://*.example/",
        "https://",
        "https://photos.example;script-src *",
        "https://photos.example 'unsafe-inline'",
        "https://photos.example,default-src *",
        "https://photos.example\r\nSet-Cookie: x=1",
        "https://photos.example\n",
        "https://me@photos.example/",
        "https://photos.example:port/",
        "https://photos.example:443@evil.example/",
        "https://phötos.example/",
        "https://photo\u017f.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "com.example photos:/back",
        "com.example;photos:/back",
        "//photos.example/",
    ],
)
def test_odd_redirect_uri_adds_nothing(redirect_uri: str) -> None:
    """What could mean something else in the policy, or everywhere, is left out of it. HD-01"""
    page = leading_to(redirect_uri, Response())
    assert page.headers["Content-Security-Policy"] == headers(True)["Content-Security-Policy"]


def test_form_source_stands_with_the_forms(portal: Portal) -> None:
    """Only the forms of a page are freed, for the application and where it leads on. HD-01"""
    policy = leading_to("https://photos.example/back", Response()).headers[
        "Content-Security-Policy"
    ]
    freed = set(policy.split("; ")) - set(headers(True)["Content-Security-Policy"].split("; "))
    assert freed == {"form-action 'self' https://photos.example https:"}


def test_strict_transport_security() -> None:
    """A year of TLS, where there is TLS. HD-02"""
    assert headers(True)["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in headers(False)


def test_stylesheet_is_cached_and_pages_are_not(portal: Portal) -> None:
    """Pages name a person, the stylesheet nobody. HD-02"""
    assert portal.browser.get("/device").headers["Cache-Control"] == "no-store"
    assert "max-age" in portal.load("/assets/portal.css").headers["Cache-Control"]


def test_views_may_be_stricter(tmp_path: Path) -> None:
    """A header that a view has set stays. HD-02"""
    portal = open_portal(tmp_path)
    portal.app.add_url_rule("/own", view_func=lambda: ("", {"Cache-Control": "private"}))
    assert portal.browser.get("/own").headers["Cache-Control"] == "private"
