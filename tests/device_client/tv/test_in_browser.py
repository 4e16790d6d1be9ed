"""Whole sign-ins on a TV, in a real browser and against the real server."""

import shutil
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, Response, Route

from server.waiting_room.places import Place
from tests.device_client.tv.conftest import switched_off
from tests.device_client.tv.television import (
    FOLDER,
    POLL_MS,
    SIZES,
    Television,
    approve_by_phone,
    elsewhere,
)
from tests.server.stage import Stage


def test_sign_in_by_scanning(tv: Television, browser: Browser) -> None:
    """The scanned symbol leads to the approval, and the TV greets by name. CL-06"""
    tv.switch_on()
    tv.code()
    tv.poll()
    assert "Go back to your device" in approve_by_phone(browser, tv.scan())
    assert tv.wait_for("signed_in")
    tv.page.get_by_role("heading", name="Signed in as Ada").wait_for()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Give what is set as soon as a poll is held."""
    held = Event()
    wait = Place.wait

    def noted(place: Place, seconds: float) -> bool:
        held.set()
        return wait(place, seconds)

    monkeypatch.setattr(Place, "wait", noted)
    return held


def test_sign_in_from_elsewhere(foreign_tv: Television, held: Event) -> None:
    """The same from another origin, which the client lists, held polls and all. TE-13, LP-09"""
    tv = foreign_tv
    tv.switch_on()
    code = tv.code()
    with tv.page.expect_response("**/token") as polled:
        tv.poll()
        assert held.wait(20)
        tv.stage.approve(code)
    tv.page.get_by_role("heading", name="Signed in as Ada").wait_for()
    assert polled.value.request.headers["prefer"] == "wait=25"
    assert polled.value.headers["preference-applied"] == "wait=25"


def test_a_page_that_nobody_lists_reads_nothing(browser: Browser, stage: Stage) -> None:
    """A client's page at another origin than it lists comes no further. TE-13"""
    stage.register("closed")
    with (
        elsewhere(stage, "open", 'clientId: "closed"') as address,
        switched_off(browser, SIZES[0]) as page,
    ):
        tv = Television(page, stage, address)
        tv.switch_on()
        tv.wait_for("starting_silent")


def packaged(directory: Path, stage: Stage, client_id: str) -> str:
    """Put the page into files of an application, and return the address of the first."""
    shutil.copytree(FOLDER, directory / "app")
    told = f'issuer: "{stage.server.settings.issuer}", clientId: "{client_id}", startAtOnce: true'
    (directory / "app" / "config.js").write_text(f"var PairlightTV = {{config: {{{told}}}}};")
    return (directory / "app" / "index.html").as_uri()


@pytest.mark.parametrize("origin", ["null", "file://"])
def test_a_packaged_page(small_tv: Television, tmp_path: Path, origin: str) -> None:
    """A page of files signs in if its client lists what files send, and only then. TE-13"""
    tv = small_tv
    tv.stage.register("packaged", origins=(origin,))
    tv.address = packaged(tmp_path, tv.stage, "packaged")
    tv.switch_on()
    if origin != "null":  # Chromium sends this for files; TVs may send the other
        assert tv.wait_for("starting_silent")
        return
    tv.stage.approve(tv.code())
    tv.poll()
    tv.page.get_by_role("heading", name="Signed in as Ada").wait_for()


def test_denied_and_once_more(tv: Television) -> None:
    """A denial has its own screen, and OK asks for a new code. CL-17"""
    tv.switch_on()
    first = tv.code()
    tv.stage.deny(first)
    tv.poll()
    assert tv.wait_for("denied") == "Sign-in was denied"
    tv.press("Enter")
    assert tv.code() != first


def test_expired_and_renewed(tv: Television) -> None:
    """An expired code has its own screen, and only the person gets a new one. CL-05, CL-17"""
    tv.switch_on()
    first = tv.code()
    tv.outlive_the_code()
    assert tv.wait_for("expired") == "The code has expired"
    tv.page.clock.fast_forward(3_600_000)
    assert tv.wait_for("expired")
    tv.press("Enter")
    assert tv.code() != first


def test_the_time_left_is_counted(small_tv: Television) -> None:
    """What is left of the code's life is told to the second. RFC 8628 3.2"""
    small_tv.switch_on()
    small_tv.code()
    small_tv.page.clock.fast_forward(61_000)
    small_tv.page.locator("#status", has_text="8:5").wait_for()
    width = small_tv.page.locator("#bar").evaluate("bar => parseFloat(bar.style.width)")
    assert 85 < width < 95


def test_without_a_network(small_tv: Television) -> None:
    """Silence is told, tried again for two minutes, and then left to the person. CL-04"""
    tv = small_tv
    tv.switch_on()
    tv.code()
    tv.press("Escape")
    tv.page.context.set_offline(True)
    tv.press("Enter")
    tv.wait_for("starting_silent")
    for _ in range(8):
        with tv.page.expect_event("requestfailed"):
            tv.page.clock.fast_forward(20_000)
        if tv.page.locator("body.unreachable").count():
            break
    assert tv.wait_for("unreachable") == "No answer from the server"
    tv.page.context.set_offline(False)
    tv.press("Enter")
    assert tv.code()


def test_a_network_that_comes_back(small_tv: Television) -> None:
    """While a code is shown it stays, what fails is told, and the sign-in goes on after. CL-04"""
    tv = small_tv
    tv.switch_on()
    code = tv.code()
    tv.page.context.set_offline(True)
    with tv.page.expect_event("requestfailed"):
        tv.page.clock.fast_forward(POLL_MS)
    tv.page.locator("#status", has_text="No answer").wait_for()
    assert tv.code() == code
    tv.page.context.set_offline(False)
    tv.stage.approve(code)
    tv.page.clock.fast_forward(2 * POLL_MS)
    assert tv.wait_for("signed_in")


def test_a_poll_that_may_not_be_held(small_tv: Television) -> None:
    """After a held poll that failed the next ones ask plainly: not all servers allow it. LP-09"""
    tv, asked = small_tv, list[bool]()

    def refuse_held(route: Route) -> None:
        asked.append("prefer" in route.request.headers)
        if asked[-1]:
            route.abort()
        else:
            route.continue_()

    tv.page.route("**/token", refuse_held)
    tv.switch_on()
    tv.stage.approve(tv.code())
    with tv.page.expect_event("requestfailed"):
        tv.page.clock.fast_forward(POLL_MS)
    tv.page.locator("#status", has_text="No answer").wait_for()
    tv.page.clock.fast_forward(2 * POLL_MS)
    tv.wait_for("signed_in")
    assert asked == [True, False]


def test_a_refusal_is_told(small_tv: Television) -> None:
    """An error that no waiting mends is shown by its code, and polling has stopped. CL-03"""
    tv = small_tv
    tv.page.route("**/tv/config.js", lambda route: route.fulfill(body=_config(tv, "nobody")))
    tv.switch_on()
    tv.wait_for("failed")
    assert "invalid_client" in tv.page.locator("#advice").inner_text()


def test_another_issuer_is_refused(small_tv: Television) -> None:
    """Metadata of a server that calls itself otherwise is not used. CL-18"""
    tv = small_tv
    config = _config(tv, "tv").replace("localhost", "LOCALHOST")
    tv.page.route("**/tv/config.js", lambda route: route.fulfill(body=config))
    tv.switch_on()
    tv.wait_for("failed")
    assert "another_issuer" in tv.page.locator("#advice").inner_text()


def _config(tv: Television, client_id: str) -> str:
    issuer = tv.stage.server.settings.issuer
    told = f'issuer: "{issuer}", clientId: "{client_id}", scope: "", startAtOnce: true'
    return f"var PairlightTV = {{config: {{{told}}}}};"


def test_nothing_starts_by_itself(foreign_tv: Television) -> None:
    """A page that is merely opened asks for no code; OK does. CL-05"""
    asked: list[str] = []
    foreign_tv.page.on("request", lambda request: asked.append(request.url))
    foreign_tv.page.clock.install()
    foreign_tv.page.goto(foreign_tv.address)
    assert foreign_tv.wait_for("welcome") == "Sign in"
    foreign_tv.page.clock.fast_forward(600_000)
    assert not [url for url in asked if url.startswith(foreign_tv.stage.server.settings.issuer)]
    foreign_tv.press("Enter")
    assert foreign_tv.code()


@pytest.mark.parametrize("key", [461, 10009, 27, 8])
def test_back_ends_what_is_under_way(small_tv: Television, key: int) -> None:
    """The Back keys of webOS, Tizen and keyboards end a sign-in, and its polls. CL-05"""
    small_tv.switch_on()
    small_tv.code()
    small_tv.press_code(key)
    small_tv.wait_for("welcome")
    polls: list[str] = []
    small_tv.page.on("request", lambda request: polls.append(request.url))
    small_tv.page.clock.fast_forward(60_000)
    small_tv.wait_for("welcome")
    assert not polls


@pytest.mark.parametrize("key", ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"])
def test_a_lost_focus_comes_back(small_tv: Television, key: str) -> None:
    """Whatever a pointer did, an arrow brings the focus to the button, and OK presses it. CL-17"""
    small_tv.switch_on()
    small_tv.code()
    small_tv.press("Escape")
    small_tv.wait_for("welcome")
    small_tv.page.evaluate("document.activeElement.blur()")
    small_tv.press(key)
    assert small_tv.page.evaluate("document.activeElement.id") == "button"
    small_tv.press("Enter")
    assert small_tv.code()


def test_signing_out(foreign_tv: Television) -> None:
    """The second OK ends the grant at the server, from another origin too. RFC 7009 2.1"""
    tv = foreign_tv
    tv.switch_on()
    code = tv.code()
    tv.stage.approve(code)
    tv.poll()
    tv.wait_for("signed_in")
    tv.press("Enter")
    assert tv.page.evaluate("document.activeElement.id") == "button"
    with tv.page.expect_response("**/revoke") as revoked:
        tv.press("Enter")
    assert revoked.value.status == 200
    assert tv.wait_for("welcome")
    assert not tv.stage.server.ports.grants.living("subject of ada", "app")


class Kept:
    """A page elsewhere that keeps its tokens, and notes those that it is given."""

    more = "keepTokens: true, onSignedIn: function (tokens) { window.given = tokens; }"
    stored = "() => JSON.parse(localStorage[Object.keys(localStorage)[0]] || '{}')"


def signed_in(browser_page: Page, stage: Stage, address: str) -> Television:
    """Sign in once."""
    tv = Television(browser_page, stage, address)
    tv.switch_on()
    stage.approve(tv.code())
    tv.poll()
    tv.wait_for("signed_in")
    return tv


def test_tokens_are_kept_only_if_told(foreign_tv: Television) -> None:
    """Without keepTokens a reload asks anew, and nothing is in any storage. CL-12"""
    tv = signed_in(foreign_tv.page, foreign_tv.stage, foreign_tv.address)
    assert tv.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    tv.page.reload()
    assert tv.wait_for("welcome")


def test_kept_tokens_are_renewed(browser: Browser, stage: Stage) -> None:
    """With keepTokens the next start rotates the refresh token and asks nobody. CL-15"""
    with (
        elsewhere(stage, more=Kept.more) as address,
        switched_off(browser, SIZES[0]) as page,
    ):
        tv = signed_in(page, stage, address)
        first = page.evaluate(Kept.stored)
        assert first == {
            name: page.evaluate(f"given.{name}") for name in ("access_token", "refresh_token")
        }
        page.reload()
        tv.page.get_by_role("heading", name="Signed in as Ada").wait_for()
        second = page.evaluate(Kept.stored)
        assert second["refresh_token"] != first["refresh_token"]
        assert page.evaluate("given.refresh_token") == second["refresh_token"]


def test_a_dead_refresh_token_is_forgotten(browser: Browser, stage: Stage) -> None:
    """After invalid_grant the person is asked again. CL-15"""
    with (
        elsewhere(stage, more=Kept.more) as address,
        switched_off(browser, SIZES[0]) as page,
    ):
        tv = signed_in(page, stage, address)
        kept = page.evaluate(Kept.stored)
        stage.post("/revoke", {"token": kept["refresh_token"], "client_id": "app"})
        page.reload()
        assert tv.code()
        assert page.evaluate("localStorage.length") == 0


def test_an_embedding_application_renews(browser: Browser, stage: Stage) -> None:
    """PairlightTV.session.renew gets new tokens while the screen stays as it is. RFC 6749 6"""
    with (
        elsewhere(stage, more=Kept.more) as address,
        switched_off(browser, SIZES[0]) as page,
    ):
        signed_in(page, stage, address)
        first = page.evaluate("given.access_token")
        renewed = "new Promise(done => PairlightTV.session.renew(flow => done(flow.state)))"
        assert page.evaluate(renewed) == "SIGNED_IN"
        assert page.evaluate("given.access_token") != first
        assert page.locator("body.signed_in").count() == 1


def test_one_renewal_at_a_time(browser: Browser, stage: Stage) -> None:
    """Who asks while one is under way gets what that one got. CL-15"""
    with (
        elsewhere(stage, more=Kept.more) as address,
        switched_off(browser, SIZES[0]) as page,
    ):
        signed_in(page, stage, address)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        renewed = "new Promise(done => PairlightTV.session.renew(flow => done(flow.tokens)))"
        first, second = page.evaluate(f"Promise.all([{renewed}, {renewed}])")
        assert first == second == page.evaluate("given")
        assert len([one for one in asked if one.startswith("POST")]) == 1


RENEWED = "new Promise(done => PairlightTV.session.renew(flow => done([flow.state, flow.error])))"


def test_a_refused_renewal_begins_anew(foreign_tv: Television) -> None:
    """After invalid_grant the screen says that nobody is signed in, and OK signs in. CL-15"""
    tv = signed_in(foreign_tv.page, foreign_tv.stage, foreign_tv.address)
    tv.page.evaluate("PairlightTV.session.tokens.refresh_token += 'x'")
    assert tv.page.evaluate(RENEWED) == ["FAILED", "invalid_grant"]
    assert tv.wait_for("welcome")
    assert tv.page.evaluate("PairlightTV.session.tokens") is None
    tv.press("Enter")
    tv.stage.approve(tv.code())
    tv.poll()
    tv.wait_for("signed_in")
    assert tv.page.evaluate(RENEWED) == ["SIGNED_IN", ""]


def test_without_tokens_nothing_is_renewed(foreign_tv: Television) -> None:
    """A renewal before the sign-in is answered at once, and disturbs neither that nor later ones.
    CL-15
    """
    tv = foreign_tv
    tv.switch_on()
    code = tv.code()
    assert tv.page.evaluate(RENEWED) == ["FAILED", "invalid_grant"]
    assert tv.code() == code
    tv.stage.approve(code)
    tv.poll()
    tv.wait_for("signed_in")
    assert tv.page.evaluate(RENEWED) == ["SIGNED_IN", ""]


def test_signing_out_without_tokens(foreign_tv: Television) -> None:
    """Where there is nothing to end, signing out ends a sign-in and says so. CL-17"""
    tv = foreign_tv
    tv.page.clock.install()
    tv.page.goto(tv.address)
    tv.wait_for("welcome")
    tv.page.evaluate("PairlightTV.session.signOut()")
    tv.press("Enter")
    tv.code()
    tv.page.evaluate("PairlightTV.session.signOut()")
    assert tv.wait_for("welcome")


@pytest.mark.parametrize(
    ("address", "error"), [("http://[", "bad_endpoint"), ("http://a:99999", "invalid_response")]
)
def test_a_bad_endpoint_is_told(foreign_tv: Television, address: str, error: str) -> None:
    """Where codes cannot be asked for, that is said at once instead of waiting. CL-03, CL-17"""
    tv = foreign_tv

    def spoil(route: Route) -> None:
        answer = route.fetch()
        metadata = answer.json() | {"device_authorization_endpoint": address}
        route.fulfill(response=answer, json=metadata)

    tv.page.route("**/.well-known/*", spoil)
    tv.switch_on()
    tv.wait_for("failed")
    assert error in tv.page.locator("#advice").inner_text()


def test_tokens_of_an_earlier_configuration_are_forgotten(browser: Browser, stage: Stage) -> None:
    """Once keepTokens is taken back, nothing is left of what was kept. CL-12"""
    with (
        elsewhere(stage, more=Kept.more) as address,
        switched_off(browser, SIZES[0]) as page,
    ):
        tv = signed_in(page, stage, address)
        assert page.evaluate("localStorage.length") == 1

        def take_back(route: Route) -> None:
            answer = route.fetch()
            route.fulfill(body=answer.text().replace("keepTokens: true", "keepTokens: false"))

        page.route("**/config.js", take_back)
        page.reload()
        assert tv.wait_for("welcome")
        assert page.evaluate("localStorage.length") == 0


def test_cookies_stay_at_home(browser: Browser, stage: Stage) -> None:
    """The browser adds cookies for the page's own origin, as at /tv, and for no other. TE-13"""
    issuer = stage.server.settings.issuer
    asked: list[str] = []
    with elsewhere(stage) as foreign:
        for address in (f"{issuer}/tv", foreign):
            with switched_off(browser, SIZES[0]) as page:
                page.context.add_cookies([{"name": "taste", "value": "sweet", "url": issuer}])
                with page.expect_request("**/device_authorization") as request:
                    Television(page, stage, address).switch_on()
                asked.append(request.value.all_headers().get("cookie", ""))
    assert asked == ["taste=sweet", ""]


def test_secrets_stay_inside(foreign_tv: Television) -> None:
    """No token or device code is in the document, an address, or the console. CL-07, CL-12"""
    secrets: list[str] = []
    addresses: list[str] = []
    foreign_tv.page.on("request", lambda request: addresses.append(request.url))

    def note(response: Response) -> None:
        if response.url.endswith("/token") and response.status == 200:
            secrets.extend(response.json()[name] for name in ("access_token", "refresh_token"))

    foreign_tv.page.on("response", note)
    foreign_tv.switch_on()
    with foreign_tv.page.expect_request("**/token") as polled:
        foreign_tv.stage.approve(foreign_tv.code())
        foreign_tv.page.clock.fast_forward(POLL_MS)
    form = polled.value.post_data or ""
    foreign_tv.wait_for("signed_in")
    foreign_tv.page.get_by_role("heading", name="Ada").wait_for()
    secrets.append(form.partition("device_code=")[2].partition("&")[0])
    everywhere = [foreign_tv.page.content(), *addresses, *foreign_tv.said]
    assert len(secrets) == 3
    assert not [text for text in everywhere for secret in secrets if secret in text]


def test_nothing_is_said_on_the_console(small_tv: Television) -> None:
    """No script fails, and none breaks the page's policy, to the end of a sign-in. HD-01"""
    small_tv.switch_on()
    small_tv.stage.approve(small_tv.code())
    small_tv.poll()
    small_tv.wait_for("signed_in")
    assert small_tv.said == []
