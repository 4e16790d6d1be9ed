"""The address without a path."""

from tests.verifier_web.portal import Portal


def test_leads_to_the_code(portal: Portal) -> None:
    """Who types only the host arrives where codes are entered. VER-01"""
    page = portal.browser.get("/")
    assert (page.status_code, page.location) == (303, "/device")
