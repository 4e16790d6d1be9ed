"""Whole sign-ins: the device asks, a person answers on a phone, the device hears."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.running_portal import PASSWORD, RunningPortal, running
from tests.journeys.terminal_device import TerminalDevice

SwitchOn = Callable[..., TerminalDevice]


def enter(phone: Page, address: str, user_code: str) -> None:
    """Open the address, type the code, sign in."""
    phone.goto(address)
    phone.get_by_label("Code").fill(user_code)
    phone.get_by_role("button", name="Continue").click()
    sign_in(phone)


def sign_in(phone: Page) -> None:
    """Fill in the sign-in page."""
    phone.get_by_label("Username").fill("ada")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in").click()


def approve(phone: Page) -> None:
    """Tick the box and approve."""
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Approve").click()


def test_a_person_approves(portal: RunningPortal, phone: Page, device: SwitchOn) -> None:
    """Type the address, the code, sign in, approve: the device knows who. VER-01, VER-08."""
    tv = device(portal, "--call", f"{portal.issuer}/userinfo")
    shown = tv.shown()
    enter(phone, shown.address, shown.user_code.lower().replace("-", " "))
    expect(phone.get_by_text(shown.user_code, exact=True)).to_be_visible()
    expect(phone.locator("main")).to_contain_text("Living Room TV")
    approve(phone)
    expect(phone.locator("main")).to_contain_text("Go back to your device")
    status, output = tv.finish()
    assert (status, "Signed in as Ada" in output) == (0, True)
    assert '"preferred_username":"ada"' in output


def test_a_person_denies(portal: RunningPortal, phone: Page, device: SwitchOn) -> None:
    """Deny is heard by the device, and going back changes nothing. VER-08, VER-14."""
    tv = device(portal)
    shown = tv.shown()
    enter(phone, shown.address, shown.user_code)
    phone.get_by_role("button", name="Deny").click()
    expect(phone.locator("main")).to_contain_text("Nothing was signed in")
    phone.go_back()
    expect(phone.get_by_role("button", name="Approve")).to_have_count(0)
    status, output = tv.finish()
    assert (status, "denied" in output) == (3, True)


def test_a_wrong_code_is_told_and_can_be_mended(
    portal: RunningPortal, phone: Page, device: SwitchOn
) -> None:
    """The form comes back with what was typed and an alert; the right code then works. VER-13."""
    tv = device(portal)
    shown = tv.shown()
    enter(phone, shown.address, "BBBB-CCCC")
    expect(phone.get_by_role("alert")).to_be_visible()
    expect(phone.get_by_label("Code")).to_have_value("BBBB-CCCC")
    phone.get_by_label("Code").fill(shown.user_code)
    phone.get_by_role("button", name="Continue").click()
    approve(phone)
    assert tv.finish()[0] == 0


def test_the_qr_link_only_fills_in_the_code(
    portal: RunningPortal, phone: Page, device: SwitchOn
) -> None:
    """Opening the link decides nothing; the person still compares and approves. VER-05, VER-06."""
    tv = device(portal)
    shown = tv.shown()
    phone.goto(f"{portal.issuer}/D/{shown.user_code.replace('-', '')}")
    expect(phone.get_by_label("Code")).to_have_value(shown.user_code)
    phone.get_by_role("button", name="continue").click()
    sign_in(phone)
    expect(phone.get_by_text(shown.user_code, exact=True)).to_be_visible()
    approve(phone)
    assert tv.finish()[0] == 0


def test_approving_needs_the_device_in_view(
    portal: RunningPortal, phone: Page, device: SwitchOn
) -> None:
    """Without the tick the browser does not even send the form. VER-03."""
    shown = device(portal).shown()
    enter(phone, shown.address, shown.user_code)
    confirm = phone.url
    phone.get_by_role("button", name="Approve").click()
    expect(phone.get_by_role("button", name="Approve")).to_be_visible()
    assert phone.url == confirm


def test_a_second_start_refreshes(
    portal: RunningPortal, phone: Page, device: SwitchOn, tmp_path: Path
) -> None:
    """A device that was signed in asks nobody when it is switched on again. RFC 6749 6."""
    tv = device(portal)
    shown = tv.shown()
    enter(phone, shown.address, shown.user_code)
    approve(phone)
    assert tv.finish()[0] == 0
    before = (tmp_path / "tokens.json").read_text()
    status, output = device(portal).finish()
    assert (status, "Signed in as Ada" in output) == (0, True)
    assert "enter" not in output
    assert (tmp_path / "tokens.json").read_text() != before
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600


def test_a_code_runs_out(tmp_path: Path, phone: Page, device: SwitchOn) -> None:
    """After its lifetime the device says so, and the code opens nothing. TOK-07, VER-12."""
    with running(tmp_path, poll_interval="1", device_code_lifetime="3") as portal:
        tv = device(portal)
        shown = tv.shown()
        status, output = tv.finish()
        assert (status, "expired" in output) == (4, True)
        enter(phone, shown.address, shown.user_code)
        expect(phone.get_by_role("alert")).to_be_visible()


def test_secrets_stay_out_of_sight(
    portal: RunningPortal, phone: Page, device: SwitchOn, tmp_path: Path
) -> None:
    """No page, address, log or output of a sign-in has a device code or token. VER-07, COD-10."""
    seen: list[str] = []
    phone.on("response", lambda response: seen.append(response.url))
    phone.on("framenavigated", lambda frame: seen.append(frame.url))
    tv = device(portal)
    shown = tv.shown()
    enter(phone, shown.address, shown.user_code)
    seen.append(phone.content())
    approve(phone)
    seen.append(phone.content())
    _, output = tv.finish()
    tokens = (tmp_path / "tokens.json").read_text()
    secrets = [word for word in tokens.split('"') if len(word) >= 40]
    assert len(secrets) >= 2
    everything = "\n".join([*seen, output, portal.log.read_text()])
    assert not [secret for secret in secrets if secret in everything]
    assert "device_code=" not in everything
