"""Sign-in from an app of one's own, against a server on this machine."""

import io
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from device_client import console
from device_client.console import SignInFailed, sign_in
from device_client.flow import DENIED, FAILED, PENDING
from device_client.return_code import ReturnCodeFlow
from device_client.show_text import TextDisplay
from tests.device_client.conftest import Serve, Server
from tests.device_client.fakes import ASKED, CODES, TOKENS, Clock
from tests.device_client.test_console_apps_page import PAGE
from tests.device_client.test_main import ADA, http, metadata

FRESH = TOKENS | {"access_token": "SECRET-fresh"}
OLD = {"access_token": "SECRET-old", "refresh_token": "SECRET-old-refresh"}

Start = Callable[..., Server]


@pytest.fixture(autouse=True)
def _time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass by sleeping, and keep tokens in a folder of the test's own."""
    clock = Clock()
    monkeypatch.setattr(console, "_ticks_ms", clock.ticks_ms)
    monkeypatch.setattr(console, "_sleep_ms", clock.sleep_ms)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def start(serve: Serve) -> Start:
    """Start a server that gives its metadata, then the answers."""

    def start(*answers: tuple[int, object], **more: str) -> Server:
        server = serve(b"", *map(http, answers))
        server.answers[0] = http((200, metadata(server.url, userinfo=True) | more))
        return server

    return start


def kept(server: Server, tokens: dict[str, str], tmp_path: Path) -> Path:
    """Return a file with these tokens of the server's."""
    file = tmp_path / "tokens"
    file.write_text(json.dumps([[server.url, "films"], tokens]))
    return file


def test_sign_in(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    """A person is asked on standard error; then the API is called as that person. CL-06."""
    server = start((200, CODES), (200, TOKENS), ADA, (200, {"films": 3}))
    session = sign_in(server.url, "films", "profile library")
    assert session.call(server.url + "/films") == (200, b'{"films": 3}')
    assert b"Bearer SECRET-access" in server.requests[-1]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == "Signed in as Ada Lovelace."


def test_nobody_is_asked_twice(
    start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Kept tokens are renewed, and nothing is shown. CL-15."""
    server = start((200, TOKENS))
    session = sign_in(server.url, "films", token_file=kept(server, OLD, tmp_path))
    assert session.access_token == "SECRET-access"
    assert capfd.readouterr() == ("", "")


def test_token_that_died_meanwhile(start: Start, tmp_path: Path) -> None:
    """After a 401 the tokens are renewed once and the call is made again. RFC 6750 3.1."""
    server = start((200, TOKENS), (401, {}), (200, FRESH), (200, {"films": 3}))
    session = sign_in(server.url, "films", token_file=kept(server, OLD, tmp_path))
    assert session.call(server.url + "/films")[0] == 200
    assert b"Bearer SECRET-fresh" in server.requests[-1]


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ((400, {"error": "access_denied"}), DENIED, "Sign-in was denied."),
        ((400, {"error": "invalid_client"}), FAILED, "Sign-in failed: invalid_client."),
    ],
)
def test_refused(start: Start, answer: tuple[int, object], state: str, words: str) -> None:
    """Who does not sign in ends the call with an error that says why. CL-17."""
    lines: list[str] = []
    with pytest.raises(SignInFailed, match=words) as failed:
        sign_in(start((200, CODES), answer).url, "films", display=TextDisplay(lines.append))
    assert failed.value.state == state
    assert lines[-1] == words


def test_return_code(start: Start) -> None:
    """A display of the app's own enters the number into the flow that it is shown. XD-20."""

    class Asking(TextDisplay):
        def show(self, flow: ReturnCodeFlow) -> None:
            super().show(flow)
            if flow.return_code_length:
                flow.enter("0427")

    server = start((200, CODES), (400, ASKED), (200, TOKENS), ADA)
    assert sign_in(server.url, "films", display=Asking(print)).access_token == "SECRET-access"
    assert b"&return_code=0427" in server.requests[3]


@pytest.mark.parametrize(
    ("example", "answers"),
    [
        (0, [(200, CODES), (200, TOKENS), ADA, ADA]),
        (1, [(200, CODES), (400, ASKED), (200, TOKENS)]),
    ],
)
def test_examples(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    example: int,
    answers: list[tuple[int, object]],
) -> None:
    """The programs on the page on console apps run, and sign in. CL-06, XD-20."""
    server = start(*answers, ADA)
    code = re.findall(r"^```python$(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[example]
    monkeypatch.setattr("builtins.input", lambda _: " 0427 ")
    variables: dict[str, Any] = {}
    exec(code.replace("http://localhost:8628", server.url), variables)  # noqa: S102
    assert variables["session"].access_token == "SECRET-access"
    assert (b"&return_code=0427" in server.requests[3]) is (example == 1)


def test_return_code_without_a_terminal(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input that is no terminal is the app's own, and not read. XD-20."""
    with TemporaryFile("w+") as data:
        data.write("1234\n")
        data.seek(0)
        monkeypatch.setattr("sys.stdin", data)
        with pytest.raises(EOFError, match="a number to be entered here"):
            sign_in(start((200, CODES), (400, ASKED)).url, "films")
        assert data.read() == "1234\n"


def test_no_answer(start: Start) -> None:
    """A server that falls silent is a network error. CL-04."""
    with pytest.raises(ConnectionError, match="does not answer"):
        sign_in(start(*[(503, {})] * 7).url, "films")


def test_no_place_for_tokens(start: Start, tmp_path: Path) -> None:
    """Where tokens cannot be kept nobody is asked. CL-15."""
    (tmp_path / "file").write_text("")
    server = start()
    with pytest.raises(OSError, match="file"):
        sign_in(server.url, "films", token_file=tmp_path / "file" / "tokens")
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["token_endpoint", "device_authorization_endpoint"])
def test_endpoint_elsewhere_by_plain_http(start: Start, name: str) -> None:
    """Metadata cannot send a token over plain http to another machine. CL-09."""
    server = start(**{name: "http://api.example/"})
    with pytest.raises(ValueError, match=r"not an https URL: http://api\.example/"):
        sign_in(server.url, "films")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("userinfo_endpoint", "http://api.example/"),
        ("userinfo_endpoint", "nonsense"),
        ("check_session_endpoint", "http://api.example/"),
    ],
)
def test_endpoint_that_is_not_needed(
    start: Start, name: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What metadata says of other endpoints forbids no sign-in. CL-08, CL-09."""
    server = start((200, CODES), (200, TOKENS), ADA, **{name: url})
    assert sign_in(server.url, "films").access_token == "SECRET-access"
    named = "Signed in as" in capsys.readouterr().err
    assert named is (name != "userinfo_endpoint")


def test_fresh_tokens_are_kept(start: Start) -> None:
    """A 401 for the name takes nothing away from who has just signed in. CL-15."""
    alone = {name: TOKENS[name] for name in ("access_token", "token_type")}
    server = start((200, CODES), (200, alone), (401, {}), (200, {"films": 3}))
    session = sign_in(server.url, "films")
    assert session.access_token == "SECRET-access"
    assert session.call(server.url + "/films")[0] == 200


def test_renewal_after_a_sign_in(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    """A later renewal is not shown, though the person was asked before. CL-15."""
    server = start((200, CODES), (200, TOKENS), ADA, (401, {}), (503, {}), (200, FRESH), (200, {}))
    shown: list[str] = []
    display = TextDisplay(print)
    display.show = lambda flow: shown.append(flow.state)  # type: ignore[method-assign]
    session = sign_in(server.url, "films", display=display)
    assert session.call(server.url + "/films")[0] == 200
    assert set(shown) == {PENDING}


def test_wider_scope(start: Start, tmp_path: Path) -> None:
    """Tokens that were asked for less are not used: a person is asked. RFC 6749 6."""
    server = start((200, CODES), (200, FRESH), ADA)
    file = kept(server, OLD | {"scope": "profile"}, tmp_path)
    session = sign_in(server.url, "films", "profile library", token_file=file)
    assert session.access_token == "SECRET-fresh"


def test_display_is_closed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal is given back on every way out. CL-06."""
    closed: list[bool] = []
    display = TextDisplay(print)
    monkeypatch.setattr(display, "close", lambda: closed.append(True))

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(console, "_sleep_ms", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sign_in(start((200, CODES)).url, "films", display=display)
    assert closed


def test_in_a_thread(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    """It works in any thread of an app. CL-06."""
    server = start((200, CODES), (200, TOKENS), ADA)
    tokens: list[str] = []
    thread = threading.Thread(
        target=lambda: tokens.append(sign_in(server.url, "films").access_token)
    )
    thread.start()
    thread.join()
    assert tokens == ["SECRET-access"]


def test_streams_that_are_no_terminal_are_not_steered(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard error in a log gets plain lines. CL-06."""
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    sign_in(start((200, CODES), (200, TOKENS), ADA).url, "films")
    assert "\x1b" not in log.getvalue()
