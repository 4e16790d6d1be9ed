"""`pairlight demo`, in a terminal, as a newcomer plays it."""

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.cli.demo import _lan_address
from server.config_checks import ConfigError
from tests.journeys.running_portal import free_port
from tests.journeys.terminal import Terminal

Play = Callable[..., Terminal]


@pytest.fixture
def port() -> int:
    """Give a port that is free."""
    return free_port()


@pytest.fixture
def play(tmp_path: Path, port: int) -> Iterator[Play]:
    """Give a way to start the demo, which must leave no process and no file."""
    started: list[Terminal] = []
    environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environ["TMPDIR"] = str(tmp_path)

    def start(*options: str) -> Terminal:
        command = [sys.executable, "-m", "server.cli", "demo", "--port", str(port), *options]
        started.append(Terminal(command, environ))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()
    assert not processes_with(f"TMPDIR={tmp_path}")
    assert not list(tmp_path.iterdir())


def processes_with(setting: str) -> list[str]:
    """Return the processes that have this in their environment, where the system tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if setting.encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def open_request(phone: Page, demo: Terminal) -> str:
    """Do what the terminal says, up to the confirm page; return the portal's address."""
    issuer = demo.read(r"The portal runs at (\S+)\. ")
    password = demo.read(r"Sign in there as demo with the password (\S+)\n")
    phone.goto(f"{issuer}/device")
    phone.get_by_label("Code").fill(demo.read(r"\b([A-Z]{4}-[A-Z]{4})\b"))
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_label("Username").fill("demo")
    phone.get_by_label("Password").fill(password)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.locator("main")).to_contain_text("Demo TV on a device wants to be signed in")
    return issuer


def approve(phone: Page) -> None:
    """Tick the box and approve."""
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Approve").click()


def test_approved(play: Play, phone: Page, tmp_path: Path) -> None:
    """The device says who is signed in and what its token opens, and all is over. VER-08."""
    demo = play()
    open_request(phone, demo)
    assert len(processes_with(f"TMPDIR={tmp_path}")) >= 3 or sys.platform != "linux"
    approve(phone)
    assert demo.finish() == 0
    assert "Signed in as Demo." in demo.written
    assert re.search(r"\nGET http://localhost:[0-9]+/films: 200\n", demo.written)
    assert '"films":["Metropolis","Nosferatu"]' in demo.written
    assert demo.cursor_is_shown


def test_approved_in_the_network(play: Play, phone: Page) -> None:
    """With --lan the same works at the machine's address in its network. DAE-07."""
    try:
        address = _lan_address()
    except ConfigError:
        pytest.skip("this machine is in no network")
    demo = play("--lan")
    issuer = open_request(phone, demo)
    approve(phone)
    assert issuer.startswith(f"http://{address}:")
    assert demo.finish() == 0
    assert f"\nGET {issuer}/userinfo: 200\n" in demo.written


def test_denied(play: Play, phone: Page) -> None:
    """A denial is what the demo shows as well: it worked. VER-08."""
    demo = play()
    open_request(phone, demo)
    phone.get_by_role("button", name="Deny").click()
    assert demo.finish() == 0
    assert "Sign-in was denied." in demo.written


def test_interrupted(play: Play) -> None:
    """Ctrl-C, which all processes hear, ends it with a word, not with a cry. RB-15."""
    demo = play()
    demo.read(r"(Waiting for your approval)")
    demo.interrupt()
    assert demo.finish() == 128 + signal.SIGINT
    assert demo.written.endswith("\nStopped. Nothing is kept.\n")
    assert "Aborted" not in demo.written
    assert "Traceback" not in demo.written
    assert demo.cursor_is_shown


def test_interrupted_twice(play: Play) -> None:
    """Whoever presses Ctrl-C again leaves nothing behind either. RB-15."""
    demo = play()
    demo.read(r"(Waiting for your approval)")
    demo.interrupt()
    demo.interrupt()
    assert demo.finish() == 128 + signal.SIGINT


def test_window_closed(play: Play) -> None:
    """Closing the window ends everything. RB-15."""
    demo = play()
    demo.read(r"(Waiting for your approval)")
    assert demo.hang_up() == 128 + signal.SIGHUP


def test_port_is_taken(play: Play, port: int) -> None:
    """A port that is taken is one line that names the option. ASVS 16.5."""
    with socket.create_server(("127.0.0.1", port)):
        demo = play()
        assert demo.finish() == 2
    assert demo.written == (
        f"pairlight: cannot listen on 127.0.0.1:{port}: Address already in use "
        "(stop what listens there, or choose another port with --port)\n"
    )
