"""The return code on a TV: asked for, entered and sent, against the real server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from server.core.user_interaction import DeviceRequest
from tests.device_client.tv.television import (
    LIFETIME,
    Television,
    approve_by_phone,
    running_stage,
)
from tests.server.stage import Stage

KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a server whose TV client is registered for return codes."""
    with running_stage(tmp_path, return_code=True) as stage:
        yield stage


def approved(tv: Television) -> str:
    """Take a TV to where it asks for the number, and return that."""
    tv.switch_on()
    number = approve(tv)
    tv.poll()
    assert tv.boxes() == ["", "", "", ""]
    return number


def approve(tv: Television) -> str:
    """Approve, and return the number that the phone shows."""
    session = tv.stage.session()
    reference = tv.stage.claim(tv.code(), session)
    done = tv.stage.server.approve(reference, session)
    assert isinstance(done, DeviceRequest)
    return done.return_code or ""


def wrong(number: str) -> str:
    """Return another number."""
    return f"{(int(number) + 1) % 10_000:04}"


def enter(tv: Television, number: str) -> None:
    """Press the number keys of the remote control."""
    for digit in number:
        tv.press(digit)


def polls(page: Page) -> list[Request]:
    """Return a list that each request for tokens from now on is put into."""
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if one.url.endswith("/token") else None)
    return asked


def test_sign_in_by_number(tv: Television, browser: Browser) -> None:
    """The phone shows the number after the approval, and the TV takes it. XD-20"""
    tv.switch_on()
    tv.code()
    tv.poll()
    said = approve_by_phone(browser, tv.scan())
    [number] = re.findall(r"\b\d{4}\b", said)
    tv.page.clock.fast_forward(7_000)
    assert tv.boxes() == ["", "", "", ""]
    enter(tv, number)
    tv.page.get_by_role("heading", name="Signed in as Ada").wait_for()


def test_a_wrong_number(small_tv: Television) -> None:
    """It ends the sign-in, and is told as what it may be; OK begins anew. XD-20, CL-17"""
    enter(small_tv, wrong(approved(small_tv)))
    assert small_tv.wait_for("denied_number") == "Sign-in was denied"
    assert "number was wrong" in small_tv.page.locator("#advice").inner_text()
    small_tv.press("Enter")
    assert small_tv.code()


def test_keys_on_the_screen(small_tv: Television) -> None:
    """Arrows and OK are enough, for remote controls without digits. XD-20"""
    at = KEYS.index("5")
    for digit in approved(small_tv):
        row, column = divmod(KEYS.index(digit), 3)
        for key, presses in {
            "ArrowUp": at // 3 - row,
            "ArrowLeft": at % 3 - column,
            "ArrowRight": column - at % 3,
            "ArrowDown": row - at // 3,
        }.items():
            for _ in range(presses):
                small_tv.press(key)
        at = KEYS.index(digit)
        small_tv.press("Enter")
    assert small_tv.wait_for("signed_in")


@pytest.mark.parametrize(
    ("way", "end"),
    [
        ("ArrowUp", "2"),
        ("ArrowDown", "0"),
        ("ArrowLeft", "4"),
        ("ArrowRight", "6"),
        ("ArrowRight ArrowDown ArrowDown", "0"),
        ("ArrowDown ArrowDown ArrowLeft", ""),
        ("ArrowDown ArrowDown ArrowRight", "0"),
    ],
)
def test_arrows_stay_on_the_keys(small_tv: Television, way: str, end: str) -> None:
    """At an edge an arrow stays where it is, and the corner without a key leads to 0. XD-20"""
    approved(small_tv)
    for key in way.split():
        for _ in range(3 if " " not in way else 1):
            small_tv.press(key)
    assert small_tv.page.evaluate("document.activeElement.value") == end


@pytest.mark.parametrize("key", ["ArrowUp", "Enter"])
def test_a_lost_focus_comes_back(small_tv: Television, key: str) -> None:
    """Whatever a pointer did, an arrow or OK leads to a key, and enters nothing. XD-20"""
    approved(small_tv)
    small_tv.page.evaluate("document.activeElement.blur()")
    small_tv.press(key)
    assert small_tv.page.evaluate("document.activeElement.value") == "5"
    assert small_tv.boxes() == ["", "", "", ""]


def test_a_pointer(small_tv: Television) -> None:
    """The keys on the screen can be clicked too, as by a remote control that points. XD-20"""
    for digit in approved(small_tv):
        small_tv.page.locator("#keypad").get_by_role("button", name=digit).click()
    assert small_tv.wait_for("signed_in")


def test_a_number_pad(small_tv: Television) -> None:
    """The other key codes of digits count as well. XD-20"""
    for digit in approved(small_tv):
        small_tv.press_code(96 + int(digit))
    assert small_tv.wait_for("signed_in")


@pytest.mark.parametrize("key", [8, 46, 461, 10009, 27])
def test_a_digit_is_taken_back(small_tv: Television, key: int) -> None:
    """Back and Delete, of whichever remote control, take the last digit away. XD-20"""
    approved(small_tv)
    enter(small_tv, "04")
    small_tv.press_code(key)
    assert small_tv.boxes() == ["0", "", "", ""]


def test_a_digit_is_taken_back_on_the_screen(small_tv: Television) -> None:
    """So does the key on the screen; without a digit it does nothing. XD-20"""
    approved(small_tv)
    enter(small_tv, "4")
    for _ in range(2):
        small_tv.page.get_by_role("button", name="Delete").click()
        assert small_tv.boxes() == ["", "", "", ""]


def test_back_without_digits_ends_the_sign_in(small_tv: Television) -> None:
    """Back is as ever where no digit is, but Delete is none. CL-05"""
    approved(small_tv)
    small_tv.press_code(46)
    assert small_tv.boxes() == ["", "", "", ""]
    small_tv.press("Escape")
    assert small_tv.wait_for("welcome")


@pytest.mark.parametrize("key", ["4", "Enter", "Backspace"])
def test_a_key_held_down_counts_once(small_tv: Television, key: str) -> None:
    """A key that repeats itself enters no second digit, and goes back no further. XD-20"""
    approved(small_tv)
    enter(small_tv, "7" if key == "Backspace" else "")
    for _ in range(4):
        small_tv.page.keyboard.down(key)
    assert [digit for digit in small_tv.boxes() if digit] == {
        "4": ["4"],
        "Enter": ["5"],
        "Backspace": [],
    }[key]


def test_nothing_is_polled_meanwhile(small_tv: Television) -> None:
    """While digits are asked for only time can end it: one last poll settles that. CL-01"""
    approved(small_tv)
    asked = polls(small_tv.page)
    small_tv.page.clock.fast_forward((LIFETIME - 60) * 1000)
    small_tv.page.locator("#status", has_text="0:5").wait_for()
    assert not asked
    small_tv.outlive_the_code()
    assert small_tv.wait_for("expired") == "The code has expired"
    assert len(asked) == 1


def test_an_approval_in_the_last_moment(small_tv: Television) -> None:
    """The time to enter the number is the server's: more than what was left of the code's.
    RFC 8628 3.2
    """
    tv = small_tv
    tv.switch_on()
    tv.code()
    tv.stage.clock.advance(LIFETIME - 1)
    number = approve(tv)
    tv.stage.clock.advance(2)
    with tv.page.expect_request("**/token"):
        tv.page.clock.fast_forward((LIFETIME + 1) * 1000)
    assert tv.boxes() == ["", "", "", ""]
    tv.page.locator("#status", has_text="1:0").wait_for()
    enter(tv, number)
    assert tv.wait_for("signed_in")


def test_a_network_that_fails_after_the_number(small_tv: Television) -> None:
    """The same poll is sent again, later and later, and never held back. CL-04"""
    tv = small_tv
    number = approved(tv)
    asked = polls(tv.page)
    tv.page.context.set_offline(True)
    with tv.page.expect_event("requestfailed"):
        enter(tv, number)
    tv.wait_for("checking_silent")
    with tv.page.expect_event("requestfailed"):
        tv.page.clock.fast_forward(12_000)
    tv.page.context.set_offline(False)
    tv.page.clock.fast_forward(24_000)
    assert tv.wait_for("signed_in")
    forms = {one.post_data for one in asked}
    assert len(asked) == 3
    assert [(form or "").endswith(f"&return_code={number}") for form in forms] == [True]
    assert not [one for one in asked if "prefer" in one.headers]


def test_back_while_it_is_checked(small_tv: Television) -> None:
    """Until the server has answered, Back ends the sign-in as ever. CL-05"""
    number = approved(small_tv)
    small_tv.page.route("**/token", lambda _: None)
    enter(small_tv, number)
    assert small_tv.wait_for("checking") == "Checking …"
    small_tv.press("Enter")
    small_tv.press("Escape")
    assert small_tv.wait_for("welcome")


def test_a_reload_begins_anew(small_tv: Television) -> None:
    """Nothing of a sign-in under way is kept: the page starts as when it was opened. CL-12"""
    approved(small_tv)
    enter(small_tv, "04")
    first = small_tv.page.locator("#code").text_content()
    small_tv.page.reload()
    assert small_tv.code() != first
    assert small_tv.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_the_number_stays_inside(small_tv: Television) -> None:
    """It is in a form alone: in no address or storage, not on the console, nor on the screen after.
    CL-07
    """
    addresses: list[str] = []
    small_tv.page.on("request", lambda request: addresses.append(request.url))
    number = approved(small_tv)
    enter(small_tv, number)
    small_tv.wait_for("signed_in")
    assert small_tv.page.locator("#boxes").text_content() == ""
    kept = small_tv.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    everywhere = [*(url.partition("//")[2].partition("/")[2] for url in addresses), kept]
    assert not [text for text in [*everywhere, *small_tv.said] if number in text]
