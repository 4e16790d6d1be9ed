"""What is on the screen: room, margins, languages, and symbols that a phone can read."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from server.core.user_code import ALPHABET
from tests.device_client.tv.television import FOLDER, POLL_MS, Television

LANGUAGES = ["en", "de", "es", "fr", "ja"]
WIDE_CODE = "WWWW-WWWW-WWWWW"  # 15 letters
LONG_ADDRESS = "https://signin.pair.example.com/a/device"  # 40 characters
OUTSIDE = """() => {
    const across = innerWidth * 0.05 - 1, down = innerHeight * 0.05 - 1;
    return [...document.querySelectorAll("#safe *")].filter(element => {
        const box = element.getBoundingClientRect();
        return box.width && (box.left < across || box.right > innerWidth - across
            || box.top < down || box.bottom > innerHeight - down);
    }).map(element => element.id);
}"""
OVERLAPPING = """() => {
    const looked_at = "#brand, h1, p, .line, #boxes span, #card, #track, button";
    const shown = [...document.querySelectorAll(looked_at)]
        .map(element => [element.id, element.getBoundingClientRect()])
        .filter(([_, box]) => box.width && box.height);
    return shown.flatMap(([one, a], at) => shown.slice(at + 1)
        .filter(([_, b]) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([other]) => one + " " + other));
}"""


def answer_with(tv: Television, **changes: Any) -> None:
    """Change what the server answers to a request for codes; None takes a member away."""

    def change(route: Route) -> None:
        answer = route.fetch()
        changed = {**answer.json(), **changes}
        told = {name: value for name, value in changed.items() if value is not None}
        route.fulfill(response=answer, json=told)

    tv.page.route("**/device_authorization", change)


def has_room(page: Page) -> None:
    """Check that nothing is outside the safe margins, on top of anything else, or cut off."""
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(OVERLAPPING) == []


@pytest.mark.parametrize(
    ("style", "check"),
    [
        ("document.getElementById('brand').style.marginLeft = '-9px'", OUTSIDE),
        ("document.getElementById('status').style.marginTop = '-400px'", OVERLAPPING),
    ],
)
def test_room_is_looked_at(small_tv: Television, style: str, check: str) -> None:
    """The checks see what is off the safe area, or on top of something else."""
    small_tv.switch_on()
    small_tv.code()
    small_tv.page.evaluate(style)
    assert small_tv.page.evaluate(check)


@pytest.mark.parametrize("language", LANGUAGES)
def test_room_for_the_code(tv: Television, language: str) -> None:
    """Code, address and symbol are within the safe margins in every language. CL-06"""
    tv.switch_on(f"?lang={language}")
    tv.code()
    has_room(tv.page)
    assert tv.page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("qr", [True, False])
def test_room_for_the_longest(tv: Television, qr: bool) -> None:
    """15 wide letters and an address of 40 characters fit, each on a line, as given. CL-08"""
    answer_with(tv, user_code=WIDE_CODE, verification_uri=LONG_ADDRESS)
    if not qr:
        answer_with(
            tv,
            user_code=WIDE_CODE,
            verification_uri=LONG_ADDRESS,
            verification_qr=None,
            verification_uri_complete=f"https://pair.example.com/{'x' * 300}",
        )
    tv.switch_on()
    if qr:
        tv.code()
    code, address = tv.page.locator("#code"), tv.page.locator("#address")
    code.wait_for()
    assert (code.inner_text(), address.inner_text()) == (WIDE_CODE, LONG_ADDRESS)
    has_room(tv.page)
    height = tv.page.viewport_size["height"] if tv.page.viewport_size else 0
    assert _letters(tv, "code") > height / 12
    assert _letters(tv, "address") > height / 32


def _letters(tv: Television, name: str) -> float:
    size: float = tv.page.locator(f"#{name}").evaluate(
        "element => parseFloat(getComputedStyle(element).fontSize)"
    )
    return size


def test_a_usual_code_is_as_large_as_can_be(tv: Television) -> None:
    """Eight letters are more than a tenth of the screen's height. CL-06"""
    tv.switch_on()
    code = tv.code()
    assert set(code) <= {*ALPHABET, "-"}
    height = tv.page.viewport_size["height"] if tv.page.viewport_size else 0
    assert _letters(tv, "code") > height / 10


def refuse_polls(tv: Television, **answer: Any) -> None:
    """Answer every poll from now on with an error."""
    tv.page.unroute_all()
    tv.page.route("**/token", lambda route: route.fulfill(status=400, json=answer))


def ask_for_number(tv: Television, length: int = 4) -> None:
    """Let the server ask for a return code."""
    refuse_polls(
        tv, error="authorization_pending", return_code_length=length, expires_in=65, interval=5
    )
    tv.poll()
    assert len(tv.boxes()) == length


@pytest.mark.parametrize("language", LANGUAGES)
def test_room_for_the_number(tv: Television, language: str) -> None:
    """Boxes and keys are within the safe margins in every language; a key has the focus. XD-20"""
    tv.switch_on(f"?lang={language}")
    tv.code()
    ask_for_number(tv)
    has_room(tv.page)
    assert tv.page.evaluate("document.activeElement.value") == "5"
    tv.page.locator("#status", has_text="1:0").wait_for()


@pytest.mark.parametrize("length", [1, 5, 6, 7, 12])
def test_room_for_other_numbers(tv: Television, length: int) -> None:
    """A number of up to twelve digits has room, each digit in its box. CL-08"""
    tv.switch_on()
    tv.code()
    ask_for_number(tv, length)
    has_room(tv.page)
    for _ in range(length - 1):
        tv.press("0")
    assert tv.boxes() == ["0"] * (length - 1) + [""]
    has_room(tv.page)


@pytest.mark.parametrize("length", [0, -1, 13, 10**9, "x", [], None])
def test_other_lengths_are_no_question(small_tv: Television, length: Any) -> None:
    """What is no length that there is room for leaves the code on the screen. CL-08"""
    small_tv.switch_on()
    small_tv.code()
    answer = {"error": "authorization_pending", "return_code_length": length}
    refuse_polls(small_tv, **answer)
    for _ in range(2):
        with small_tv.page.expect_response("**/token"):
            small_tv.page.clock.fast_forward(POLL_MS)
    assert small_tv.code()


@pytest.mark.parametrize("language", LANGUAGES)
def test_room_after_the_number(small_tv: Television, language: str) -> None:
    """The messages after it have room: it is checked, nobody answers, it was wrong. CL-17"""
    small_tv.switch_on(f"?lang={language}")
    small_tv.code()
    ask_for_number(small_tv)
    small_tv.page.unroute_all()
    small_tv.page.route("**/token", lambda _: None)
    for digit in "0427":
        small_tv.press(digit)
    small_tv.wait_for("checking")
    has_room(small_tv.page)
    small_tv.page.context.set_offline(True)
    small_tv.page.unroute_all()
    small_tv.page.clock.fast_forward(20_000)
    small_tv.wait_for("checking_silent")
    has_room(small_tv.page)
    refuse_polls(small_tv, error="access_denied")
    small_tv.page.clock.fast_forward(20_000)
    small_tv.wait_for("denied_number")
    has_room(small_tv.page)
    assert small_tv.page.evaluate("document.activeElement.id") == "button"


MESSAGES: dict[str, Callable[[Television], None]] = {
    "welcome": lambda tv: tv.press("Escape"),
    "denied": lambda tv: tv.stage.deny(tv.code()),
    "expired": lambda tv: tv.outlive_the_code(),
    "signed_in": lambda tv: tv.stage.approve(tv.code()),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MESSAGES)
def test_room_for_each_message(small_tv: Television, name: str, language: str) -> None:
    """Every message has room, and OK presses its button; but it signs nobody out. CL-17"""
    small_tv.switch_on(f"?lang={language}")
    small_tv.code()
    MESSAGES[name](small_tv)
    if name in {"denied", "signed_in"}:
        small_tv.poll()
    small_tv.wait_for(name)
    has_room(small_tv.page)
    focused = small_tv.page.evaluate("document.activeElement.id")
    assert focused == ("" if name == "signed_in" else "button")


@pytest.mark.parametrize(
    ("code", "address"),
    [("WDJBMJHT" * 5, "https://pair.example.com/device"), ("WDJB-MJHT", "https://a.example/" * 7)],
)
def test_whatever_comes_is_shown_whole(tv: Television, code: str, address: str) -> None:
    """A code of 40 letters and an address of 126 are in their room, down to the last. CL-08"""
    answer_with(tv, user_code=code, verification_uri=address)
    tv.switch_on()
    assert tv.code() == code
    has_room(tv.page)
    for name in ("code", "address"):
        line = tv.page.locator(f"#{name}")
        cut_off = line.evaluate("line => line.offsetWidth > line.parentNode.clientWidth")
        assert not cut_off


@pytest.mark.parametrize("name", ["<b>" + "W" * 90, "Ada " * 24 + "Ada"])
def test_a_long_name_is_cut_off(small_tv: Television, name: str) -> None:
    """A name may be as long as it likes and full of markup: it is text, on one line. HD-04"""
    small_tv.page.route("**/userinfo", lambda route: route.fulfill(json={"name": name}))
    small_tv.switch_on()
    small_tv.stage.approve(small_tv.code())
    small_tv.poll()
    small_tv.page.locator("#title", has_text=name).wait_for()
    has_room(small_tv.page)


def test_a_long_error_is_cut_off(small_tv: Television) -> None:
    """The same goes for an error code that a server makes up. HD-04"""
    error = {"error": "<i>x " * 300}
    small_tv.page.route("**/device_authorization", lambda route: route.fulfill(json=error))
    small_tv.switch_on()
    small_tv.wait_for("failed")
    has_room(small_tv.page)


def test_the_symbol_is_the_servers(tv: Television) -> None:
    """Ready bits are drawn, and the encoder is not even loaded. CL-16"""
    loaded: list[str] = []
    tv.page.on("request", lambda request: loaded.append(request.url))
    tv.switch_on()
    code = tv.code().replace("-", "")
    assert tv.scan().upper().endswith(f"/D/{code}")
    assert not [url for url in loaded if url.endswith("/qr.js")]


BROKEN = [None, {}, {"size": 25}, {"size": 25, "bits": "AA"}, {"size": 24, "bits": "A" * 96}]


@pytest.mark.parametrize("symbol", [*BROKEN, {"size": 25, "bits": "!"}, {"size": "25"}, 1, "x"])
def test_without_bits_the_page_encodes(small_tv: Television, symbol: Any) -> None:
    """Where none or broken ones are sent, the same link is encoded here. CL-06, CL-08"""
    answer_with(small_tv, verification_qr=symbol)
    small_tv.switch_on()
    code = small_tv.code().replace("-", "")
    assert small_tv.scan().endswith(f"/D/{code}")


def test_what_fits_no_symbol_is_words(small_tv: Television) -> None:
    """Without any symbol, address and code are there all the same, and the words say so. CL-06"""
    answer_with(
        small_tv,
        verification_qr=None,
        verification_uri_complete=f"https://pair.example.com/{'x' * 300}",
    )
    with small_tv.page.expect_response("**/qr.js"):
        small_tv.switch_on()
    small_tv.page.locator("#open", has_text="On your phone or computer, open").wait_for()
    assert small_tv.page.locator("#card").is_hidden()


def test_nothing_moves_where_that_is_unwanted(small_tv: Television) -> None:
    """With reduced motion the ring of waiting stands still. WCAG 2.3.3"""
    turning = "getComputedStyle(document.getElementById('sign')).animationName"
    small_tv.page.route("**/.well-known/**", lambda route: route.abort())
    small_tv.switch_on()
    small_tv.wait_for("starting_silent")
    assert small_tv.page.evaluate(turning) == "turn"
    small_tv.page.emulate_media(reduced_motion="reduce")
    assert small_tv.page.evaluate(turning) == "none"


@pytest.mark.parametrize(
    ("query", "preferred", "language"),
    [
        ("", "de-AT", "de"),
        ("", "ja", "ja"),
        ("", "FR", "fr"),
        ("", "nl-NL", "en"),
        ("", None, "en"),
        ("?lang=es", "de", "es"),
        ("?x=1&lang=fr-CA", "de", "fr"),
        ("?lang=xx", "de", "en"),
        ("?lang=", "de", "en"),
        ("?lang=toString", "de", "en"),
    ],
)
def test_language(scripts: Page, query: str, preferred: str | None, language: str) -> None:
    """?lang= decides, else the TV's language, else English. WCAG 3.1.1"""
    script = "([query, preferred]) => PairlightTV.language(query, preferred)"
    assert scripts.evaluate(script, [query, preferred]) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(scripts: Page, language: str) -> None:
    """Each has every sentence of the English one, with the same gaps to fill. WCAG 3.1.1"""
    english, words = (scripts.evaluate(f"PairlightTV.words('{name}')") for name in ("en", language))
    assert _shape(words) == _shape(english)


def _shape(words: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [(bool(text), re.findall(r"{\w+}", text)) for text in _list(said)]
        for name, said in words.items()
    }


def _list(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def test_every_state_has_a_style(scripts: Page) -> None:
    """Each message of the words is drawn by the style sheet, or is plain on purpose. CL-17"""
    words = scripts.evaluate("Object.keys(PairlightTV.words('en'))")
    style = (FOLDER / "tv.css").read_text(encoding="utf-8")
    messages = {"denied", "expired", "failed", "unreachable", "signed_in", "starting", "welcome"}
    messages |= {"starting_silent", "checking", "checking_silent", "denied_number"}
    assert messages <= set(words)
    assert not [name for name in messages if f".{name} #sign" not in style]
