"""A TV that shows the page, and the server that it asks; the clocks of both move when told."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import zxingcpp
from flask import Flask, Response, send_from_directory
from PIL import Image
from playwright.sync_api import Browser, Page

from server.app import build
from server.config import make
from tests.fakes import FakeClock
from tests.server.stage import PASSWORD, Stage
from tests.verifier_web.served import served

FOLDER = Path(__file__).parents[3] / "device_client" / "tv"
SCRIPTS = sorted(path.name for path in FOLDER.glob("*.js"))
SIZES = [(1280, 720), (1920, 1080)]
POLL_MS = 7_000  # more than the pace of the first poll
LIFETIME = 600  # seconds


class Television:
    """The page, open on a TV, and what the person does to it."""

    def __init__(self, page: Page, stage: Stage, address: str) -> None:
        self.page = page
        self.stage = stage
        self.address = address
        self.said: list[str] = []  # on the console
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def switch_on(self, query: str = "") -> None:
        """Open the page and, where it waits for that, press OK."""
        self.page.clock.install()
        self.page.goto(self.address + query)
        if "welcome" in (self.page.locator("body").get_attribute("class") or ""):
            self.press("Enter")

    def code(self) -> str:
        """Wait for a code with its symbol, and read it."""
        self.page.locator("#card svg").wait_for()
        return self.page.locator("#code").inner_text()

    def wait_for(self, screen: str) -> str:
        """Wait for a screen without a code, and return its first line."""
        self.page.locator(f"body.{screen}").wait_for()
        return self.page.locator("#title").inner_text()

    def press(self, key: str) -> None:
        """Press a key of the remote control, by the name that keyboards have for it."""
        self.page.keyboard.press(key)

    def press_code(self, code: int) -> None:
        """Press a key that only remote controls have."""
        script = """code => {
            const event = new KeyboardEvent("keydown", {keyCode: code, bubbles: true});
            document.body.dispatchEvent(event);
        }"""
        self.page.evaluate(script, code)

    def poll(self) -> None:
        """Let the TV's clock run until the next poll is sent."""
        with self.page.expect_request("**/token"):
            self.page.clock.fast_forward(POLL_MS)

    def boxes(self) -> list[str]:
        """Wait until a return code is asked for, and read the digits that are there."""
        self.page.locator("body.entry").wait_for()
        return self.page.locator("#boxes span").all_inner_texts()

    def outlive_the_code(self) -> None:
        """Let the time of a code pass, here and at the server."""
        self.stage.clock.advance(LIFETIME + 1)
        self.page.clock.fast_forward((LIFETIME + 1) * 1000)

    def scan(self) -> str:
        """Read the QR symbol from a photograph of the whole screen."""
        photograph = Image.open(BytesIO(self.page.screenshot()))
        [symbol] = zxingcpp.read_barcodes(photograph)
        return symbol.text


def approve_by_phone(browser: Browser, link: str) -> str:
    """Scan the link with a phone, sign in there and approve; return what the phone says then."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    phone = context.new_page()
    phone.goto(link)
    phone.get_by_role("button", name="Yes, continue").click()
    phone.get_by_label("Username").fill("ada")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.keyboard.press("Enter")
    phone.get_by_label("I am holding or looking at this device").check()
    phone.get_by_role("button", name="Approve").click()
    said = phone.locator(".outcome").inner_text()
    context.close()
    return said


@contextmanager
def running_stage(
    directory: Path, *, return_code: bool = False, **settings: str
) -> Iterator[Stage]:
    """Serve a server on this machine, with the page at /tv, until the block ends."""
    with served("localhost") as web_server:
        clock = FakeClock()
        application = build(
            make(
                issuer=f"http://localhost:{web_server.port}",
                database=f"sqlite:///{directory}/pairlight.db",
                tv_page="tv",
                **settings,
            ),
            clock,
        )
        web_server.app = application.wsgi
        yield Stage(application, clock, "front door", return_code=return_code)
    application.close()


@contextmanager
def elsewhere(stage: Stage, client_id: str = "app", more: str = "") -> Iterator[str]:
    """Serve the page from an origin of its own, which a client lists; yield its address."""
    issuer = stage.server.settings.issuer
    site = Flask("elsewhere")

    @site.get("/<name>")
    def file(name: str) -> Response:
        if name == "config.js":
            told = f'issuer: "{issuer}", clientId: "{client_id}", title: "Cinema", {more}'
            return Response(
                f"var PairlightTV = {{config: {{{told}}}}};", mimetype="text/javascript"
            )
        return send_from_directory(FOLDER, name)

    with served("127.0.0.1", site) as web_server:
        origin = f"http://127.0.0.1:{web_server.port}"
        stage.register(client_id, origins=(origin,))
        yield f"{origin}/index.html"
