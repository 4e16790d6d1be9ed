"""The command, in this process, against a server on this machine; its clock moves by sleeping."""

import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from device_client import __main__ as command
from device_client import console, console_fetch
from tests.device_client.conftest import Serve, Server
from tests.device_client.fakes import ASKED, Clock

PENDING = (400, {"error": "authorization_pending"})
TOKENS = {
    "access_token": "SECRET-access",
    "token_type": "Bearer",
    "refresh_token": "SECRET-refresh",
}
CODES = {
    "device_code": "SECRET-device",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://tv.example.com/device",
    "expires_in": 600,
}
ADA = (200, {"sub": "1", "name": "Ada Lovelace"})


def http(answer: tuple[int, object]) -> bytes:
    """Return an answer as bytes."""
    status, value = answer
    body = json.dumps(value).encode()
    head = b"HTTP/1.1 %d .\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep tokens in a folder of the test's own, and let time pass by sleeping."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    clock = Clock()
    monkeypatch.setattr(console, "_ticks_ms", clock.ticks_ms)
    monkeypatch.setattr(console, "_sleep_ms", clock.sleep_ms)
    return tmp_path / "pairlight"


@pytest.fixture
def authorization_server(serve: Serve) -> Callable[..., Server]:
    """Start a server that gives its metadata, then the answers; `userinfo` says if it has that."""

    def start(*answers: tuple[int, object], userinfo: bool = True) -> Server:
        server = serve(b"", *map(http, answers))
        server.answers[0] = http((200, metadata(server.url, userinfo)))
        return server

    return start


def metadata(url: str, userinfo: bool) -> dict[str, str]:
    """Return the metadata of a server at `url`."""
    names = ["device_authorization", "token"] + ["userinfo"] * userinfo
    return {"issuer": url} | {f"{name}_endpoint": f"{url}/{name}" for name in names}


AuthorizationServer = Callable[..., Server]
PLAIN = ["--issuer", "http://as.example", "--allow-plain-http"]


def run(server: Server, *options: str) -> int:
    """Run the command against the server."""
    return command.main(["--issuer", server.url, "--client-id", "tv", *options])


def test_sign_in(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """From nothing to a name, in plain lines where there is no terminal. CL-06."""
    server = authorization_server((200, CODES), PENDING, (200, TOKENS), ADA)
    assert run(server) == 0
    assert capsys.readouterr().out.splitlines() == [
        "To sign in, open  https://tv.example.com/device",
        "and enter         WDJB-MJHT",
        "10 min left",
        "Signed in as Ada Lovelace.",
    ]


def test_tokens_are_for_the_owner_only(
    authorization_server: AuthorizationServer, state_home: Path
) -> None:
    """The tokens lie in a folder and a file that only the owner can read. CL-12."""
    run(authorization_server((200, CODES), (200, TOKENS), ADA))
    assert stat.S_IMODE(state_home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in state_home.iterdir()} == {0o600}


def test_second_start(
    authorization_server: AuthorizationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stored tokens are renewed and nobody is asked. CL-15."""
    server = authorization_server((200, TOKENS), ADA)
    file = tmp_path / "tokens"
    kept = {"access_token": "old", "refresh_token": "old"}
    file.write_text(json.dumps([[server.url, "tv"], kept]))
    assert run(server, "--token-file", str(file)) == 0
    assert capsys.readouterr().out == "Signed in as Ada Lovelace.\n"
    assert json.loads(file.read_text())[1]["refresh_token"] == "SECRET-refresh"


def test_access_token_alone(
    authorization_server: AuthorizationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a refresh token the access token is used as long as the server takes it. CL-05."""
    server = authorization_server(ADA)
    file = tmp_path / "tokens"
    file.write_text(json.dumps([[server.url, "tv"], {"access_token": "kept"}]))
    assert run(server, "--token-file", str(file)) == 0
    assert capsys.readouterr().out == "Signed in as Ada Lovelace.\n"
    assert b"Bearer kept" in server.requests[1]


def test_access_token_alone_and_too_old(
    authorization_server: AuthorizationServer, tmp_path: Path
) -> None:
    """When the server does not take it any more, the person is asked. CL-05."""
    server = authorization_server((401, {}), (200, CODES), (200, TOKENS), ADA)
    file = tmp_path / "tokens"
    file.write_text(json.dumps([[server.url, "tv"], {"access_token": "kept"}]))
    assert run(server, "--token-file", str(file)) == 0
    assert len(server.requests) == 5


def test_fresh_tokens_are_kept(
    authorization_server: AuthorizationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has just signed in stays so, even if the name is not told to that token. CL-15."""
    alone = {name: TOKENS[name] for name in ("access_token", "token_type")}
    server = authorization_server((200, CODES), (200, alone), (401, {}), (200, {"a": 1}))
    file = tmp_path / "tokens"
    assert run(server, "--token-file", str(file), "--call", server.url + "/api") == 0
    assert capsys.readouterr().out.splitlines()[-3] == "Signed in."
    assert json.loads(file.read_text())[1]["access_token"] == "SECRET-access"


@pytest.mark.parametrize(
    ("before", "scope", "asked"),
    [
        ({"scope": "profile"}, "profile", False),
        ({"scope": "library profile"}, "profile library", False),
        ({"scope": "profile library"}, "profile", False),
        ({"scope": "profile"}, "profile library", True),
        ({}, "profile", False),
    ],
)
def test_another_scope(
    authorization_server: AuthorizationServer,
    tmp_path: Path,
    before: dict[str, str],
    scope: str,
    asked: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person is asked when kept tokens were asked for less, and told why. RFC 6749 6."""
    codes = [(200, CODES)] if asked else []
    server = authorization_server(*codes, (200, TOKENS), ADA)
    file = tmp_path / "tokens"
    kept = {"access_token": "old", "refresh_token": "old"} | before
    file.write_text(json.dumps([[server.url, "tv"], kept]))
    assert run(server, "--token-file", str(file), "--scope", scope) == 0
    assert ("for less than this scope" in capsys.readouterr().err) is asked
    after = json.loads(file.read_text())[1]
    assert after["refresh_token"] == "SECRET-refresh"
    assert after["scope"] == (before.get("scope", scope) if not asked else scope)


def test_another_scope_denied(authorization_server: AuthorizationServer, tmp_path: Path) -> None:
    """Tokens for less stay when nobody grants more. CL-15."""
    server = authorization_server((200, CODES), (400, {"error": "access_denied"}))
    file = tmp_path / "tokens"
    before = json.dumps([[server.url, "tv"], {"access_token": "old", "scope": "profile"}])
    file.write_text(before)
    assert run(server, "--token-file", str(file), "--scope", "library") == 3
    assert file.read_text() == before


def test_interrupted_and_started_again(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After Ctrl-C there is a code of its own for the next start. CL-05."""

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    file = str(tmp_path / "tokens")
    server = authorization_server((200, CODES))
    server.answers += [*server.answers, http((400, {"error": "access_denied"}))]
    with monkeypatch.context() as patch:
        patch.setattr(console, "_sleep_ms", interrupt)
        assert run(server, "--token-file", file) == 130
    assert run(server, "--token-file", file) == 3
    paths = [request.split()[1] for request in server.requests]
    assert paths.count(b"/device_authorization") == 2


def test_damaged_tokens(
    authorization_server: AuthorizationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged file is told, and means signing in again. CL-15."""
    file = tmp_path / "tokens"
    file.write_text("{")
    server = authorization_server((200, CODES), (200, TOKENS), ADA)
    assert run(server, "--token-file", str(file)) == 0
    assert capsys.readouterr().err == f"{file} is damaged: signing in again.\n"


@pytest.mark.parametrize(
    ("claims", "line"),
    [
        ((200, {"sub": "1", "preferred_username": "ada", "name": ""}), "Signed in as ada."),
        ((200, {"sub": "1"}), "Signed in as 1."),
        ((200, []), "Signed in."),
        ((403, {"error": "insufficient_scope"}), "Signed in."),
    ],
)
def test_name(
    authorization_server: AuthorizationServer,
    claims: tuple[int, object],
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The best name that the server gives is shown; none is no failure. OIDC Core 5.3."""
    assert run(authorization_server((200, CODES), (200, TOKENS), claims)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == line


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        ("access_denied", 3, "Sign-in was denied."),
        ("expired_token", 4, "The code has expired. Start again for a new one."),
        ("invalid_grant", 5, "Sign-in failed: invalid_grant."),
    ],
)
def test_refused(
    authorization_server: AuthorizationServer,
    error: str,
    status: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each refusal has an exit status and a sentence. CL-17."""
    assert run(authorization_server((200, CODES), (400, {"error": error}))) == status
    assert capsys.readouterr().out.splitlines()[-1] == line


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.FileIO]:
    """Give a pipe that leads to standard input."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "wb", buffering=0) as script:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield script


def test_return_code(
    authorization_server: AuthorizationServer,
    script: io.FileIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The number of the phone is a line of what is no terminal, and is never printed. XD-20."""
    server = authorization_server((200, CODES), PENDING, (400, ASKED), (200, TOKENS), ADA)
    script.write(b"0427\n")
    assert run(server) == 0
    assert [b"&return_code=0427" in request for request in server.requests[2:5]] == [0, 0, 1]
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1] == "Signed in as Ada Lovelace."
    assert "0427" not in captured.out + captured.err


def test_wrong_return_code(
    authorization_server: AuthorizationServer,
    script: io.FileIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong number is a denial, told as what it may be. XD-20, CL-17."""
    script.write(b"0428\n")
    denied = (400, {"error": "access_denied"})
    assert run(authorization_server((200, CODES), (400, ASKED), denied)) == 3
    assert capsys.readouterr().out.endswith("The number was wrong, or sign-in was denied.\n")


def test_return_code_that_nobody_enters(
    authorization_server: AuthorizationServer,
    script: io.FileIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a number the sign-in runs out, after one last poll. XD-20, CL-05."""
    server = authorization_server((200, CODES), (400, ASKED), (400, {"error": "expired_token"}))
    assert run(server) == 4
    assert capsys.readouterr().out.splitlines()[3:] == [
        "Within 2 min enter here the 4 digits on your phone.",
        "The code has expired. Start again for a new one.",
    ]


@pytest.mark.parametrize("way", [[], ["--json"], ["--fullscreen"]])
def test_return_code_that_nobody_can_enter(
    authorization_server: AuthorizationServer,
    script: io.FileIO,
    way: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """At the end of standard input the command says so and ends at once. XD-20, CL-17."""
    script.close()
    assert run(authorization_server((200, CODES), (400, ASKED)), *way) == 7
    captured = capsys.readouterr()
    problem, hint = captured.err.splitlines()
    assert problem.startswith("device_client: the phone shows a number to be entered here, but ")
    assert "standard input" in hint
    assert ("no_input" in captured.out) is (way == ["--json"])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("invalid_client", "does not know --client-id tv: register it"),
        ("unauthorized_client", "for the device grant"),
        ("invalid_scope", "does not give this client --scope profile: try another"),
    ],
)
def test_refusal_with_a_way_out(
    authorization_server: AuthorizationServer,
    error: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A refusal that a person can mend says how. CL-17."""
    assert run(authorization_server((400, {"error": error}))) == 5
    captured = capsys.readouterr()
    assert captured.out == f"Sign-in failed: {error}.\n"
    assert words in captured.err


def test_server_goes_silent(authorization_server: AuthorizationServer) -> None:
    """A server that never answers is given up. CL-04."""
    assert run(authorization_server(*[(503, {})] * 7)) == 6


def test_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is not there is told in one line, with a hint. CL-04."""
    options = ["--issuer", "http://localhost:1", "--client-id", "tv"]
    assert command.main(options) == 6
    problem, hint = capsys.readouterr().err.splitlines()
    assert problem.startswith("device_client: http://localhost:1 cannot be reached: ")
    assert "--ca-file" in hint


def test_another_issuer(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that calls itself otherwise is refused before anything is sent. CL-18."""
    server = serve(http((200, metadata("https://evil.example", userinfo=False))))
    assert run(server) == 2
    problem, hint = capsys.readouterr().err.splitlines()
    assert "calls itself https://evil.example" in problem
    assert hint.endswith("start again with --issuer https://evil.example")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--issuer", "http://as.example"], "not an https URL: http://as.example; see --allow-"),
        (["--issuer", "ftp://as.example"], "not an https URL: ftp://as.example\n"),
        (["--issuer", "http://[::1]:8628"], "IPv6 addresses cannot be used: http://[::1]:8628\n"),
        (["--issuer", "localhost:8628"], "--issuer needs https:// in front: localhost:8628\n"),
        (["--issuer", "https://as.example", "--call", "a/b"], "--call needs https:// in front"),
        (["--issuer", "https://as.example", "--call", "http://as.example/"], "the issuer alone"),
        ([*PLAIN, "--call", "http://api.example/"], "plain http is for the issuer alone"),
        ([*PLAIN, "--call", "http://as.example:81/"], "plain http is for the issuer alone"),
        ([*PLAIN, "--call", "http://as.example@evil.example/"], "for the issuer alone"),
        ([], "--issuer"),
    ],
)
def test_usage(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Plain http is refused at once; a token gets it to the issuer's origin alone. CL-09, CL-12."""
    with pytest.raises(SystemExit, match="2"):
        command.main(["--client-id", "tv", *options])
    assert words in capsys.readouterr().err.partition("error: ")[2]


def test_letters_that_cannot_be_written(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the encoding of standard output has not is a ?, and stops nothing. CL-08."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    server = authorization_server((200, CODES), (200, TOKENS), (200, {"name": "Łukasz"}), ADA)
    server.answers[-1] = http(ADA).replace(b"Ada", "Ża".encode())
    assert run(server, "--call", server.url + "/api") == 0
    lines = raw.getvalue().decode("latin-1").splitlines()
    assert lines[-3] == "Signed in as ?ukasz."
    assert "?a Lovelace" in lines[-1]


def test_proxy_that_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad HTTPS_PROXY is no bad issuer, and has a hint of its own. CL-04."""
    monkeypatch.setenv("HTTPS_PROXY", "http://")
    monkeypatch.setenv("https_proxy", "http://")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert command.main(["--issuer", "https://as.example", "--client-id", "tv"]) == 6
    problem, hint = capsys.readouterr().err.splitlines()
    assert problem.endswith("cannot be reached: the proxy has no URL that can be used")
    assert hint.startswith("  HTTPS_PROXY is set: ")


def test_missing_ca_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A CA file that is not there stops the start. CL-09."""
    options = ["--issuer", "https://as.example", "--client-id", "tv"]
    assert command.main([*options, "--ca-file", str(tmp_path / "none")]) == 2
    assert "PEM" in capsys.readouterr().err


def test_call(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """--call shows what a resource server says to the token. RFC 6750 2.1."""
    server = authorization_server((200, CODES), (200, TOKENS), (200, {"a": 1}), userinfo=False)
    assert run(server, "--call", server.url + "/api") == 0
    assert server.requests[-1].startswith(b"GET /api HTTP/1.1\r\n")
    assert b"Bearer SECRET-access\r\n" in server.requests[-1]
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"GET {server.url}/api: 200",
        '{"a": 1}',
    ]


def test_call_by_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the explicit word, the token goes by plain http to the issuer's own origin. CL-09."""
    asked: list[tuple[str, bool]] = []

    def fetch(url: str, *_: object, plain_http: bool, **__: object) -> object:
        asked.append((url, plain_http))
        page = {
            "http://as.example/token": TOKENS,
            "http://as.example/device_authorization": CODES,
        }.get(url) or metadata("http://as.example", userinfo=False)
        return 200, json.dumps(page).encode()

    monkeypatch.setattr(console_fetch, "_transport", lambda _: fetch)
    assert command.main([*PLAIN, "--client-id", "tv", "--call", "http://as.example/api"]) == 0
    assert asked[-1] == ("http://as.example/api", True)


def test_forget(authorization_server: AuthorizationServer, state_home: Path) -> None:
    """--forget deletes the tokens without asking any server. CL-12."""
    server = authorization_server((200, CODES), (200, TOKENS), ADA)
    run(server)
    assert run(server, "--forget") == 0
    assert not list(state_home.iterdir())


def test_forget_what_a_power_cut_left(tmp_path: Path) -> None:
    """--forget deletes tokens that were being written too. CL-12."""
    for name in ("tokens", "tokens.new"):
        (tmp_path / name).write_text("SECRET")
    options = ["--issuer", "https://as.example", "--client-id", "tv", "--forget"]
    assert command.main([*options, "--token-file", str(tmp_path / "tokens")]) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("more", [["--forget"], []])
def test_token_file_that_is_a_folder(
    authorization_server: AuthorizationServer,
    tmp_path: Path,
    more: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A folder is told in one line with a hint, before anybody is asked to sign in. CL-15."""
    assert run(authorization_server(), "--token-file", str(tmp_path), *more) == 2
    problem, hint = capsys.readouterr().err.splitlines()
    assert problem.startswith("device_client: token file: ")
    assert hint == "  Name another --token-file."


def test_interrupt(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends quietly. CL-05."""

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(console, "_sleep_ms", interrupt)
    assert run(authorization_server((200, CODES))) == 130


def test_unwritable_folder(
    authorization_server: AuthorizationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where tokens cannot be kept nobody is asked to sign in. CL-15."""
    (tmp_path / "file").write_text("")
    server = authorization_server()
    assert run(server, "--token-file", str(tmp_path / "file" / "tokens")) == 2
    assert "--token-file" in capsys.readouterr().err
    assert len(server.requests) == 1


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """Return what was printed as JSON, a line each."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script reads the code, what is going on, the end and the API's answer. CL-06."""
    server = authorization_server(
        (200, CODES), (503, {}), PENDING, (200, TOKENS), ADA, (200, {"a": 1})
    )
    assert run(server, "--json", "--call", server.url + "/api") == 0
    code, *rest = events(capsys)
    assert code == {
        "event": "code",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://tv.example.com/device",
        "verification_uri_complete": "",
        "expires_in": 600,
    }
    assert rest == [
        {"event": "no_answer"},
        {"event": "waiting"},
        {"event": "signed_in", "name": "Ada Lovelace"},
        {"event": "called", "url": server.url + "/api", "status": 200, "body": '{"a": 1}'},
    ]


def test_json_of_a_return_code(
    authorization_server: AuthorizationServer,
    script: io.FileIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A script reads how many digits are to be entered, and writes them. XD-20."""

    def write(text: str) -> None:
        if "return_code_length" in text:
            script.write(b"0427\n")
        lines.append(json.loads(text))

    lines: list[dict[str, object]] = []
    monkeypatch.setattr(command, "_line", write)
    server = authorization_server((200, CODES), (400, ASKED), (200, TOKENS), ADA)
    assert run(server, "--json") == 0
    assert lines[1:] == [
        {"event": "return_code", "return_code_length": 4, "expires_in": 65},
        {"event": "signed_in", "name": "Ada Lovelace"},
    ]
    assert b"&return_code=0427" in server.requests[3]


def test_json_of_a_refusal(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The end is the last line, and its status is the same as without --json. CL-17."""
    denied = (400, {"error": "access_denied"})
    assert run(authorization_server((200, CODES), denied), "--json") == 3
    assert events(capsys)[-1] == {"event": "denied"}


def test_json_of_a_bad_start(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a person reads on standard error, a script reads as an event. CL-04, CL-18."""
    assert command.main(["--issuer", "http://localhost:1", "--client-id", "tv", "--json"]) == 6
    (line,) = events(capsys)
    assert line["event"] == "unreachable"
    assert "localhost:1 cannot be reached" in str(line["problem"])
    other = authorization_server()
    other.answers[0] = http((200, metadata("https://evil.example", userinfo=False)))
    assert run(other, "--json") == 2
    assert events(capsys)[0]["event"] == "cannot_begin"


def test_json_of_an_interrupt(
    authorization_server: AuthorizationServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Ctrl-C is an event too. CL-05."""

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(console, "_sleep_ms", interrupt)
    assert run(authorization_server((200, CODES)), "--json") == 130
    assert events(capsys)[-1] == {"event": "interrupted"}


def test_json_that_nobody_reads(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that has gone, such as `head -1`, stops no sign-in. CL-17."""
    reading, writing = os.pipe()
    os.close(reading)
    denied = (400, {"error": "access_denied"})
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert run(authorization_server((200, CODES), denied), "--json") == 3


def test_json_of_forgetting(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """--forget says so in JSON. CL-12."""
    assert run(authorization_server(), "--json", "--forget") == 0
    assert events(capsys) == [{"event": "forgotten"}]


def test_json_warns_on_standard_error(
    authorization_server: AuthorizationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Warnings stay out of what a script reads. CL-15."""
    file = tmp_path / "tokens"
    file.write_text('[["https://other.example", "tv"], {"access_token": "a"}]')
    server = authorization_server((200, CODES), (200, TOKENS), ADA)
    assert run(server, "--json", "--token-file", str(file)) == 0
    captured = capsys.readouterr()
    assert captured.err == f"{file} is another client's: signing in again.\n"
    assert all(json.loads(line) for line in captured.out.splitlines())


def test_fullscreen_without_a_terminal(
    authorization_server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no terminal --fullscreen gives plain lines. CL-06."""
    assert run(authorization_server((200, CODES), (200, TOKENS), ADA), "--fullscreen") == 0
    out = capsys.readouterr().out
    assert out.startswith("To sign in, open  ")
    assert "\x1b" not in out


@pytest.mark.parametrize("way", [[], ["--json"]])
def test_secrets_are_not_printed(
    authorization_server: AuthorizationServer, way: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No device code and no token is ever printed. CL-07, CL-12."""
    run(authorization_server((200, CODES), PENDING, (200, TOKENS), ADA), *way)
    captured = capsys.readouterr()
    assert "SECRET" not in captured.out + captured.err
