"""The portal as a whole."""

import re
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from tests.verifier_web.portal import Portal, asking, browser_of, open_portal


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_looking_changes_nothing(portal: Portal, method: str, signed_in: bool) -> None:
    """A hundred visits by prefetchers and previews leave a request as it was. VER-17, CV-24"""
    codes = portal.start()
    browser = portal.browser if signed_in else browser_of(portal.app)
    if signed_in:
        portal.sign_in()
    code = codes.user_code.replace("-", "")
    reference = urlsafe_b64encode(portal.record(codes).user_code_digest).decode().rstrip("=")
    paths = (f"/D/{code}", f"/d/{code}?decision=approve", f"/device?user_code={code}")
    for _ in range(25):
        for path in (*paths, f"/device/{reference}?decision=approve&possession=yes"):
            browser.open(path, method=method)
    assert portal.record(codes).state == "pending"
    assert portal.record(codes).version == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_decides_nothing(portal: Portal, method: str) -> None:
    """The person who opened a request does not decide it by looking. VER-17, CV-24"""
    codes = portal.start()
    address = portal.claim(codes)
    before = portal.record(codes)
    for decision in ("approve", "deny"):
        portal.browser.open(f"{address}?decision={decision}&possession=yes", method=method)
    assert portal.record(codes) == before


def test_under_a_path(tmp_path: Path) -> None:
    """An issuer with a path has the whole portal under it. VER-01"""
    portal = open_portal(tmp_path, "https://pair.example/tv")
    codes = portal.start()
    address = portal.claim(codes)
    page = portal.browser.get(f"/tv{address}")
    assert page.status_code == 200
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
    assert all(link.startswith("/tv/") for link in links)
    portal.decide(address, "approve")
    assert portal.record(codes).state == "approved"
    assert portal.browser.get("/tv").location == "/tv/device"


def pages(portal: Portal) -> list[str]:
    """Return every kind of page."""
    codes = portal.start(user_agent="x" * 200)
    found = [portal.browser.get(path).text for path in ("/device", "/D/WDJBMJHT", "/sign-in", "/x")]
    address = portal.claim(codes)
    found += [portal.decide(address, "approve", possession="").text]
    found += [portal.post("/device", user_code="BCDFGHJK").text]
    found += [portal.browser.get(path).text for path in (asking(), "/logout", "/authorize")]
    portal.sign_out()
    found += [portal.browser.get(path).text for path in (asking(), "/logout")]
    portal.sign_in()
    address = portal.claim(codes)
    found += [portal.browser.get(address).text]
    portal.decide(address, "approve")
    return [*found, portal.browser.get(address).text]


def test_pages_are_light(portal: Portal) -> None:
    """A page with all it loads stays under 20 000 bytes: a slow phone has it at once. VER-26"""
    for page in pages(portal):
        loaded = set(re.findall(r'(?:href|src)="(/assets/[^"]*)"', page))
        weight = len(page.encode()) + sum(len(portal.load(path).data) for path in loaded)
        assert weight < 20_000


def test_pages_load_nothing_from_elsewhere(portal: Portal) -> None:
    """No page names another host, runs a script or styles itself inline. HD-03, HD-01"""
    for page in pages(portal):
        assert "//" not in page
        assert not re.search(r"<script|<style|<[^>]*\s(style|on\w+)=", page)


def test_pages_can_be_read_aloud(portal: Portal) -> None:
    """Each page has a language, one heading, a title, and labels on its fields. VER-26"""
    for page in pages(portal):
        assert '<html lang="en">' in page
        assert len(re.findall("<h1>", page)) == 1
        assert re.search("<title>[^<]{5,} · Pairlight</title>", page)
        for field in re.findall(r'<input[^>]*\sid="(\w+)"', page):
            assert f'<label for="{field}">' in page


def test_no_form_repeats_itself(portal: Portal) -> None:
    """Every redirect after a form is a 303. VER-25"""
    portal.sign_in()
    codes = portal.start()
    answers = [portal.post("/device", user_code=codes.user_code)]
    answers += [portal.decide(answers[0].location, "approve"), portal.sign_out()]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
