"""Pages for what went wrong."""

import pytest
from werkzeug.test import TestResponse

from server.core.ports import StoreUnavailable
from tests.verifier_web.portal import Portal


def raising(portal: Portal, error: Exception) -> TestResponse:
    """Ask for a page that fails."""

    def fail() -> str:
        raise error

    portal.app.add_url_rule("/fail", view_func=fail)
    return portal.browser.get("/fail")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "This page does not exist"),
        ("GET", "/D//WDJB", 404, "This page does not exist"),
        ("PUT", "/device", 405, "That did not work"),
        ("GET", "/sign-out", 405, "That did not work"),
    ],
)
def test_page(portal: Portal, method: str, path: str, status: int, words: str) -> None:
    """An error is a page with a way on, in plain words. VER-25"""
    page = portal.browser.open(path, method=method)
    assert page.status_code == status
    assert words in page.text
    assert 'href="/device"' in page.text


def test_allow(portal: Portal) -> None:
    """A wrong method is told the right ones. LO-02"""
    assert "POST" in portal.browser.get("/sign-out").headers["Allow"]


def test_too_much(portal: Portal) -> None:
    """A form beyond all measure gets a page too. LO-02"""
    page = portal.browser.post("/device", data={"user_code": "B" * 20_000})
    assert page.status_code == 413
    assert "That was too much" in page.text


def test_store_unavailable(portal: Portal) -> None:
    """A store that fails is no refusal: come again. LO-02"""
    page = raising(portal, StoreUnavailable("the disk is full"))
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "disk" not in page.text


def test_store_fails_under_a_session(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page for a failing store asks no store, and an approval that failed is none. LO-02"""
    codes = portal.start()
    address = portal.claim(codes)

    def fail(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(type(portal.server.ports.sessions), "find", fail)
        assert portal.browser.get(address).status_code == 503
        page = portal.browser.post(address, data={"decision": "approve", "possession": "yes"})
        assert page.status_code == 503
    assert portal.record(codes).state == "claimed"


def test_unexpected(portal: Portal) -> None:
    """The unexpected tells nothing of its inside. LO-02"""
    page = raising(portal, RuntimeError("secret inside"))
    assert page.status_code == 500
    assert "secret inside" not in page.text
    assert "Traceback" not in page.text
