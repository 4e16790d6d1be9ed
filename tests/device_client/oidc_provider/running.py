"""node-oidc-provider in a process of its own, from npm as its lock has it, and a person there."""

import contextlib
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.clients import node
from tests.journeys.running_portal import wait_until_it_listens

_HERE = Path(__file__).parent


def install() -> Path:
    """Install it where it is not yet, and return the folder with the program."""
    return node.install(_HERE)


@contextlib.contextmanager
def running(folder: Path, port: int, issuer: str, log: Path) -> Iterator[str]:
    """Serve until the block ends; give the address."""
    with log.open("wb") as output:
        command = ["node", "provider.mjs", str(port), issuer]
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        wait_until_it_listens(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def decide(address: str, user_code: str, abort: bool = False) -> str:
    """Enter the code as Ada, sign in and consent, or abort; return the last page."""
    answers = {"user_code": user_code, "login": "ada", "password": "any"}
    with requests.Session() as browser:
        page = browser.get(f"{address}/device")
        for _ in range(5):
            form = _Form(page.text)
            if form.action is None:
                return page.text
            fields = form.hidden | {name: answers[name] for name in form.asked}
            aborts = abort and bool(fields.pop("confirm", None))
            page = browser.post(
                urljoin(page.url, form.action), fields | ({"abort": "yes"} if aborts else {})
            )
            if aborts:
                return page.text
    raise AssertionError(page.text)


class _Form(HTMLParser):
    """The first form of a page: what is hidden in it, and what it asks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.asked: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form, or what it holds."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = found["action"]
        elif tag == "input" and "name" in found:
            if found.get("type") == "hidden":
                self.hidden.setdefault(found["name"], found.get("value", ""))
            else:
                self.asked.add(found["name"])
