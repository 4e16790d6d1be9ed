"""Enter the code."""

import pytest

from tests.verifier_web.portal import XSS, Portal, form_token, markup


def test_asks_for_code(portal: Portal) -> None:
    """The verification URI asks for the code, in a labelled field. VER-01, VER-26"""
    page = portal.browser.get("/device").text
    assert '<label for="user_code">' in page
    assert 'autocapitalize="characters"' in page


@pytest.mark.parametrize("path", ["/D/WDJBMJHT", "/d/wdjb-mjht", "/D/%EF%BC%B7DJB MJHT"])
def test_link_fills_in_the_code(portal: Portal, path: str) -> None:
    """A scanned link shows its code as the device does and asks to compare. VER-05"""
    page = portal.browser.get(path).text
    assert 'value="WDJB-MJHT"' in page
    assert "Does your device show this code?" in page


def test_link_decides_nothing(portal: Portal) -> None:
    """The scanned way leads over the same confirm page. VER-06"""
    codes = portal.start()
    portal.sign_in()
    link = portal.browser.get(codes.verification_uri_complete.removeprefix("https://pair.example"))
    page = portal.browser.post(
        "/device", data={"form_token": form_token(link.text), "user_code": codes.user_code}
    )
    assert 'value="deny"' in portal.browser.get(page.location).text
    assert portal.record(codes).state == "claimed"


@pytest.mark.parametrize("typed", ["{}", " {} \n", "*{}*", "{}."])
def test_forgives_how_it_is_typed(portal: Portal, typed: str) -> None:
    """Case, spaces and punctuation do not matter. VER-10"""
    codes = portal.start()
    portal.sign_in()
    page = portal.post("/device", user_code=typed.format(codes.user_code.lower()))
    assert page.status_code == 303


def test_code_waits_for_sign_in(portal: Portal) -> None:
    """A stranger signs in first; the code waits in the form and not in the address. VER-09"""
    codes = portal.start()
    page = portal.post("/device", user_code=codes.user_code)
    assert page.status_code == 200
    assert "Location" not in page.headers
    assert f'name="user_code" value="{codes.user_code}"' in page.text
    assert portal.record(codes).state == "pending"


def test_refusals_read_the_same(portal: Portal) -> None:
    """Unknown, expired, used, denied and foreign codes get one page and one status. VER-12"""
    used, denied, foreign, expired = (portal.start() for _ in range(4))
    portal.decide(portal.claim(used), "approve")
    portal.decide(portal.claim(denied), "deny")
    portal.claim(foreign)
    portal.sign_out()
    portal.sign_in("ben")
    pages = set()
    portal.clock.advance(expired.expires_in - 1)
    for code in ("BCDF-GHJK", used.user_code, denied.user_code, foreign.user_code):
        pages.add(refusal(portal, code))
    portal.clock.advance(1)
    pages.add(refusal(portal, expired.user_code))
    assert len(pages) == 1


def refusal(portal: Portal, code: str) -> tuple[int, str]:
    """Enter a code that opens nothing; return what is answered, without the code itself."""
    page = portal.post("/device", user_code=code)
    assert page.status_code == 400
    return page.status_code, page.text.replace(code, "CODE")


def test_wrong_code_is_kept(portal: Portal) -> None:
    """A wrong code stays in the field, and the field names its error. VER-13"""
    portal.sign_in()
    page = portal.post("/device", user_code="bcdf ghjk")
    assert page.status_code == 400
    assert 'value="bcdf ghjk"' in page.text
    assert 'id="error" role="alert"' in page.text
    assert 'aria-describedby="error hint" aria-invalid=true' in page.text


@pytest.mark.parametrize("text", XSS)
def test_typed_text_is_escaped(portal: Portal, text: str) -> None:
    """What is typed as a code comes back as text, wherever it is shown. HD-04"""
    plain = markup(portal.browser.get("/device").text) | markup(portal.browser.get("/sign-in").text)
    pages = [portal.browser.get(f"/D/{text.replace('/', '')}").text]
    pages += [portal.post("/device", user_code=text).text]
    portal.sign_in()
    plain |= markup(portal.browser.get("/device").text) | {"aria-invalid", "role"}
    pages += [portal.post("/device", user_code=text).text]
    assert set().union(*map(markup, pages)) <= plain | {"b"}
