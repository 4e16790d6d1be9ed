"""A store that fails while it is served: nothing is granted, and nothing needs a restart."""

import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from werkzeug.test import TestResponse

from server.core.records import Account
from tests.faults.driver import Driver
from tests.faults.scene import NOW, Scene, furnish
from tests.verifier_web.portal import PASSWORD, Portal, browser_of, form_token, password_hash

Act = Callable[[], TestResponse]

# What was granted, to whom: an unanswered request must leave it as it was.
GRANTED = {
    "device_authorizations": "device_code_digest, state, subject, session_digest, grant_id",
    "grants": "*",
    "refresh_tokens": "*",
}

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


class House(NamedTuple):
    """The machines' side and the people's side of one application, and what is beneath."""

    scene: Scene
    portal: Portal
    driver: Driver
    directory: Path

    @property
    def file(self) -> Path:
        """The database."""
        return self.directory / "pairlight.db"

    def contents(self) -> dict[str, list[Any]]:
        """Return what the database holds, seen from outside."""
        connection = sqlite3.Connection(self.file)
        try:
            return {
                table: connection.execute(f"SELECT {what} FROM {table} ORDER BY 1").fetchall()  # noqa: S608
                for table, what in GRANTED.items()
            }
        finally:
            connection.close()

    def form(self, path: str, **form: str) -> Act:
        """Open a page with a form, and return what sends it."""
        browser = self.portal.browser
        token = form_token(browser.get("/device").text)
        return lambda: browser.post(path, data={"form_token": token, **form})


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Give an application that waits for no other writer; maria is signed in."""
    driver = Driver()
    driver.patience = 0.01
    monkeypatch.setattr(sqlite3, "connect", driver.connect)
    directory = tmp_path / "volume"
    directory.mkdir()
    scene = furnish(f"sqlite:///{directory}/pairlight.db")
    server, flask = scene.server, scene.application.flask
    server.ports.accounts.add(
        Account("subject of maria", "maria", "Maria", password_hash(), NOW, disabled=False)
    )
    portal = Portal(server, flask, browser_of(flask), scene.clock, scene.close)
    portal.sign_in("maria")
    yield House(scene, portal, driver, directory)
    scene.close()


# What goes wrong.


@contextmanager
def locked(house: House) -> Iterator[None]:
    """Let another process hold the write lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOCKER, str(house.file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"locked\n"
    yield
    process.communicate()


@contextmanager
def read_only(house: House) -> Iterator[None]:
    """Let every connection refuse to write."""
    house.driver.set_everywhere("PRAGMA query_only = ON")
    yield
    house.driver.set_everywhere("PRAGMA query_only = OFF")


@contextmanager
def full(house: House) -> Iterator[None]:
    """Let the file grow no more, and use up what is free in it."""
    pages = sqlite3.Connection(house.file)
    (count,) = pages.execute("PRAGMA page_count").fetchone()
    pages.close()
    house.driver.set_everywhere(f"PRAGMA max_page_count = {count}")
    while house.scene.post("/device_authorization", {"client_id": "tv"}).status_code == 200:
        assert len(house.contents()["device_authorizations"]) < 1000
    yield
    house.driver.set_everywhere(f"PRAGMA max_page_count = {2**31}")


@contextmanager
def down(house: House) -> Iterator[None]:
    """Take the volume away."""
    house.scene.close()
    away = house.directory.rename(house.directory.with_name("away"))
    yield
    away.rename(house.directory)


Fault = Callable[[House], AbstractContextManager[None]]
WRITELESS: dict[str, Fault] = {"locked": locked, "read-only": read_only}
FAULTS: dict[str, Fault] = {**WRITELESS, "down": down}

# What devices and people do meanwhile. Each prepares, and returns what is then done.


def start(house: House) -> Act:
    """Ask for codes."""
    return lambda: house.scene.post("/device_authorization", {"client_id": "tv"})


def redeem(house: House) -> Act:
    """Poll after the approval."""
    codes = house.scene.start()
    house.scene.approve(codes["user_code"])
    return lambda: house.scene.poll(codes["device_code"])


def refresh(house: House) -> Act:
    """Refresh."""
    tokens = house.scene.signed_in()
    return lambda: house.scene.refresh(tokens["refresh_token"])


def enter(house: House) -> Act:
    """Enter the code."""
    return house.form("/device", user_code=house.scene.start()["user_code"])


def approve(house: House) -> Act:
    """Approve."""
    return house.form(_claimed(house), decision="approve", possession="yes")


def deny(house: House) -> Act:
    """Deny."""
    return house.form(_claimed(house), decision="deny")


def sign_in(house: House) -> Act:
    """Sign in."""
    return house.form("/sign-in", username="maria", password=PASSWORD)


def sign_out(house: House) -> Act:
    """Sign out."""
    house.portal.sign_in("maria")
    return house.form("/sign-out")


def _claimed(house: House) -> str:
    page = house.form("/device", user_code=house.scene.start()["user_code"])()
    assert page.status_code == 303
    return str(page.location)


BY_DEVICES = {"start": start, "redeem": redeem, "refresh": refresh}
BY_PEOPLE = {
    "enter the code": enter,
    "approve": approve,
    "deny": deny,
    "sign in": sign_in,
    "sign out": sign_out,
}
WRITING: dict[str, Callable[[House], Act]] = {**BY_DEVICES, **BY_PEOPLE}


def done(answer: TestResponse) -> bool:
    """Tell whether it was done: tokens and codes for devices, the next page for people."""
    return answer.status_code in {200, 303}


def told_to_come_again(answer: TestResponse, name: str) -> bool:
    """Tell whether the answer says so, in JSON to machines and in words to people."""
    if (answer.status_code, int(answer.headers["Retry-After"]) > 0) != (503, True):
        return False
    if name in BY_PEOPLE:
        return answer.mimetype == "text/html" and "try again" in answer.text
    error = (answer.json or {})["error"]
    return (answer.mimetype, error) == ("application/json", "temporarily_unavailable")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WRITING)
def test_nothing_is_granted(house: House, name: str, fault: str) -> None:
    """What cannot be written is 503 and leaves no trace; later it is done. LO-02, RB-07."""
    act = WRITING[name](house)
    before = house.contents()
    with FAULTS[fault](house):
        assert told_to_come_again(act(), name)
    assert house.contents() == before
    assert done(act())


@pytest.mark.parametrize("name", WRITING)
def test_on_a_full_disk_it_is_all_or_nothing(house: House, name: str) -> None:
    """What a full disk has no room for is 503 and leaves no trace. LO-02, RB-07."""
    act = WRITING[name](house)
    with full(house):
        before = house.contents()
        answer = act()
        assert done(answer) or told_to_come_again(answer, name)
        assert done(answer) or house.contents() == before
    assert done(answer) or done(act())


def test_a_full_disk_starts_nothing(house: House) -> None:
    """The device is told to come again, and gets its codes when there is room. RB-07."""
    act = start(house)
    with full(house):
        assert told_to_come_again(act(), "start")
    assert done(act())


@pytest.mark.parametrize("fault", WRITELESS)
def test_what_only_reads_goes_on(house: House, fault: str) -> None:
    """Polls, access tokens and pages do without writing. STM-11."""
    waiting, tokens = house.scene.start(), house.scene.signed_in()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    reference = _claimed(house)
    with WRITELESS[fault](house):
        assert house.scene.error(waiting["device_code"]) == "authorization_pending"
        assert house.scene.http.get("/userinfo", headers=bearer).status_code == 200
        assert house.scene.http.get("/health").status_code == 200
        assert house.portal.browser.get(reference).status_code == 200


def test_without_a_store_there_are_still_answers(house: House) -> None:
    """Keys and metadata need none; all else is 503, health too. LO-02."""
    waiting, tokens = house.scene.start(), house.scene.signed_in()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    with down(house):
        assert house.scene.http.get("/jwks.json").status_code == 200
        assert house.scene.http.get("/.well-known/oauth-authorization-server").status_code == 200
        assert told_to_come_again(house.scene.poll(waiting["device_code"]), "poll")
        assert told_to_come_again(house.scene.http.get("/userinfo", headers=bearer), "userinfo")
        assert told_to_come_again(house.scene.http.get("/health"), "health")
        assert house.portal.browser.get("/device").status_code == 503
    assert house.scene.http.get("/health").status_code == 200


@pytest.mark.parametrize("name", WRITING)
def test_a_failure_at_any_statement(house: House, name: str) -> None:
    """Whichever statement fails: 503. Tried again it is done, and done once. LO-02, STM-06."""
    for failing in itertools.count(1):
        act = WRITING[name](house)
        before = house.contents()
        left = itertools.count(failing, -1)

        def fail(_: str, left: Iterator[int] = left) -> None:
            if next(left) == 1:
                raise sqlite3.OperationalError("disk I/O error")

        with house.driver.looking(fail):
            answer = act()
        if done(answer):
            break
        assert told_to_come_again(answer, name)
        after = house.contents()
        assert done(act())
        # Nothing had been done, or all of it: a decision counts, even if its page then failed.
        assert after in (before, house.contents())
    assert failing > 1, "no statement was seen"
