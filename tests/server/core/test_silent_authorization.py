"""When a person is asked again, and when not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.core.authorization import Consent
from tests.fakes import FakeClock
from tests.server.browser_app import BrowserApp
from tests.server.stage import Stage, opened

ISSUER = "http://localhost:8628"


@pytest.fixture
def other_api(tmp_path: Path, clock: FakeClock) -> Iterator[Stage]:
    """Give a server whose tokens are for another API than itself, if none is named."""
    with opened(tmp_path, clock, audience="https://api.example") as stage:
        yield stage


def test_a_public_client_asks_every_time(app: BrowserApp) -> None:
    """Anybody can claim to be an app that cannot prove itself. AC-13."""
    assert app.redeem(app.code()).status_code == 200
    assert isinstance(app.step(app.stage.session()), Consent)


def test_a_trusted_client_is_not_asked_about_again(trusted: BrowserApp) -> None:
    """What was approved of a client that proves itself goes on without a page. RFC 6749 10.2."""
    code = trusted.silently()["code"]
    assert trusted.redeem(code).status_code == 200
    assert "code" in trusted.silently(prompt="none")


def test_more_scope_is_asked_about(trusted: BrowserApp) -> None:
    """An approval is good for what was read, and no more. RFC 6749 10.2, AC-13."""
    assert isinstance(trusted.step(trusted.stage.session(), scope="openid profile"), Consent)


def test_another_api_is_asked_about(other_api: Stage) -> None:
    """An approval for one API lets nobody into another one silently. RFC 8707 3, AC-13."""
    app = BrowserApp(other_api, confidential=True)
    assert app.redeem(app.code()).status_code == 200
    session = other_api.session()
    assert isinstance(app.step(session, resource=ISSUER), Consent)
    assert "code" in app.silently(resource="https://api.example")
    assert app.redeem(app.code(resource=ISSUER)).status_code == 200
    assert "code" in app.silently(resource=ISSUER)


def test_another_person_is_asked(trusted: BrowserApp) -> None:
    """What ada approved was not approved by ben. AC-13."""
    trusted.stage.add_account("ben")
    assert isinstance(trusted.step(trusted.stage.session("ben")), Consent)


def test_another_client_is_asked_about(trusted: BrowserApp) -> None:
    """What was approved of one client was not approved of another. AC-13."""
    other = BrowserApp(trusted.stage, "other", confidential=True)
    assert isinstance(other.step(trusted.stage.session()), Consent)


def test_an_approval_ends(trusted: BrowserApp) -> None:
    """After the lifetime that was read on the page the person is asked again. AC-13, AC-14."""
    trusted.stage.clock.advance(365 * 86400)
    assert isinstance(trusted.step(trusted.stage.session()), Consent)


def test_a_revoked_approval_is_none(trusted: BrowserApp) -> None:
    """Once the grant is revoked, the person is asked again. AC-13, RV-01."""
    token = (trusted.redeem(trusted.code()).json or {})["refresh_token"]
    for grant in trusted.stage.server.ports.grants.living("subject of ada", "trusted"):
        trusted.stage.server.ports.grants.revoke(grant.grant_id, trusted.stage.clock())
    assert isinstance(trusted.step(trusted.stage.session()), Consent)
    assert trusted.refresh(token).status_code == 400
