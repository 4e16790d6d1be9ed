"""What every answer tells browsers not to do."""

from pathlib import Path

import pytest

from tests.verifier_web.portal import Portal, open_portal
from verifier_web.security_headers import headers

PATHS = ["/", "/device", "/D/WDJBMJHT", "/sign-in", "/device/unknown", "/nowhere", "/sign-out"]


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
