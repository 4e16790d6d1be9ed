"""What the pages show of the wire is what happens: each line of the transcript is played."""

import json
import re
import shlex
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import pytest
from werkzeug.test import TestResponse

from server.app import build
from server.config import make
from server.qr import make_symbol
from tests.fakes import FakeClock
from tests.server.stage import Stage

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "device_flow.md").read_text(encoding="utf-8")
HOST = "localhost:8628"
SECRETS = {
    "device_code",
    "user_code",
    "verification_uri_complete",
    "access_token",
    "refresh_token",
    "sub",
}


class Step(NamedTuple):
    """One line that a reader types, and what the page says comes back."""

    command: str
    output: str


def steps() -> Iterator[Step]:
    """Read the transcript of the page."""
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command, output.strip())


class Shell:
    """Enough of a shell and of curl for the page: variables, one function, `sleep` and `&`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.held = Event()
        self.secrets: dict[str, str] = {}  # the real ones, by what the page shows of them
        self.user_code = ""
        self.variables: dict[str, str] = {}
        self._functions: dict[str, str] = {}
        self._job: Future[str] | None = None
        self._pool = ThreadPoolExecutor(1)

    def run(self, command: str) -> str:
        """Do what a line says; return what it prints."""
        if command.startswith("# "):
            return self._person(*command[2:].split())
        if found := re.fullmatch(r"(\w+)\(\) \{ (.*); \}", command):
            self._functions[found[1]] = found[2]
            return ""
        if found := re.fullmatch(r"([A-Z_]+)=(.*)", command):
            self.variables[found[1]] = self.secrets[found[2]] if "…" in found[2] else found[2]
            return ""
        if command.startswith("sleep "):
            self.stage.clock.advance(int(command[6:]))
            return ""
        if command.endswith(" &"):
            self._job = self._pool.submit(self._curl, self._words(command[:-2]))
            assert self.held.wait(20)
            return ""
        return self._curl(self._words(command))

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown()

    def _person(self, username: str, decision: str) -> str:
        assert username == "ada"
        {"approves": self.stage.approve, "denies": self.stage.deny}[decision](self.user_code)
        job, self._job = self._job, None
        return job.result(20) if job else ""

    def _words(self, command: str) -> list[str]:
        name, _, arguments = command.partition(" ")
        if name in self._functions:
            command = self._functions[name].replace('"$@"', arguments)
        return shlex.split(re.sub(r"\$([A-Z_]+)", lambda found: self.variables[found[1]], command))

    def _curl(self, words: list[str]) -> str:
        assert words.pop(0) == "curl"
        fields, headers, form, url = False, {}, [], ""
        ending = ""
        while words:
            match words.pop(0):
                case "-i":
                    fields = True
                case "-w":
                    ending = words.pop(0).replace("\\n", "\n")
                case "-d":
                    form.append(words.pop(0))
                case "-H":
                    name, _, headers[name] = words.pop(0).partition(": ")
                case url:
                    assert url.startswith(HOST)
        path = url.removeprefix(HOST)
        if form:
            response = self.stage.post(path, "&".join(form), headers)
        else:
            response = self.stage.http.get(path, headers=headers)
        self.user_code = (response.json or {}).get("user_code", self.user_code)
        printed = _head(response) + response.text if fields else response.text
        return printed + ending.replace("%{http_code}", str(response.status_code))


def _head(response: TestResponse) -> str:
    lines = [f"HTTP/1.1 {response.status.title()}", *map(": ".join, response.headers.items())]
    return "\n".join([*(line.replace("200 Ok", "200 OK") for line in lines), "", ""])


def compare(printed: str, shown: str) -> dict[str, str]:
    """Hold what was printed to what the page shows; return what its secrets stand for.

    The page may leave out headers, and has secrets of its own, cut short.
    """
    *head, body = shown.split("\n")
    *found_head, found_body = printed.rstrip("\n").split("\n")
    assert [line for line in head if line not in found_head] == []
    members, status = _parse(body)
    found_members, found_status = _parse(found_body)
    assert status == found_status
    assert list(members) == list(found_members)
    for name, value in members.items():
        if name not in SECRETS:
            assert found_members[name] == value
        else:
            assert re.fullmatch(_shape(value), found_members[name])
    return {members[name]: found_members[name] for name in SECRETS & members.keys()}


def _parse(body: str) -> tuple[dict[str, Any], str]:
    members, end = json.JSONDecoder().raw_decode(body)
    return members, body[end:]


def _shape(secret: str) -> str:
    """Return what looks alike: a cut one with anything behind it, a code with other letters."""
    if secret.endswith("…"):
        return ("eyJ" if secret.startswith("eyJ") else "") + r"[\w.~ -]+"
    return re.sub(r"[B-Z](?=[B-Z-]*$)", "[B-Z]", secret)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Give a shell at a server with the page's client, which tells when a poll is held."""
    clock = FakeClock()
    application = build(make(database=f"sqlite:///{tmp_path}/pairlight.db"), clock)
    stage = Stage(application, clock, "front door")
    stage.register("living-room-tv")
    shell = Shell(stage)
    room = stage.server.ports.waiting_room
    take = room.place

    @contextmanager
    def place(*arguments: Any) -> Iterator[Any]:
        with take(*arguments) as taken:
            shell.held.set()
            yield taken

    monkeypatch.setattr(room, "place", place)
    yield shell
    shell.close()
    application.database.close()


def test_the_transcript_is_what_happens(shell: Shell) -> None:
    """Every line of the page can be typed, and is answered as the page says. RFC 8628 3."""
    for step in steps():
        printed = shell.run(step.command)
        if step.output:
            shell.secrets |= compare(printed, step.output)
        else:
            assert not printed, step.command


def test_the_transcript_has_every_answer() -> None:
    """The page shows each error that a poll ends or goes on with. RFC 8628 3.5."""
    shown = "".join(step.output for step in steps())
    for error in ("authorization_pending", "slow_down", "access_denied", "expired_token"):
        assert f'"error":"{error}"' in shown


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ('{"error":"x"} 400', '{"error":"y"} 400'),
        ('{"error":"x"} 400', '{"error":"x"} 401'),
        ('{"error":"x","a":1} 400', '{"error":"x"} 400'),
        ('A: b\n\n{"error":"x"}', 'A: c\n\n{"error":"x"}'),
        ('{"user_code":"AAAA"}', '{"user_code":"BCDF-GHJK"}'),
    ],
)
def test_a_difference_is_noticed(printed: str, shown: str) -> None:
    """An answer that is not the page's fails."""
    with pytest.raises(AssertionError):
        compare(printed, shown)


def test_the_symbol_is_what_is_drawn() -> None:
    """The bits in the page on wire extensions are those of the link beside them. ISO/IEC 18004."""
    page = (DOCS / "wire_extensions.md").read_text(encoding="utf-8")
    found = re.search(r'^{"verification_qr": (.*)}$', page, re.MULTILINE)
    assert found
    symbol = make_symbol("HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT")
    bits = urlsafe_b64encode(symbol.rows).rstrip(b"=").decode()
    assert json.loads(found[1]) == {"size": symbol.size, "bits": bits}
