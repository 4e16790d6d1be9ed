"""Plays what the pages of docs/ show of the wire, and compares it with what they show."""

import json
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from server.core.authorization import Consent, Redirect
from server.core.tokens import digest
from tests.server.stage import Stage, basic

DOCS = Path(__file__).parent.parent / "docs"
HOST = "localhost:8628"
# What is another one each time.
CHANCE = {
    "device_code",
    "user_code",
    "verification_uri_complete",
    "access_token",
    "refresh_token",
    "id_token",
    "request_uri",
    "code",
    "jti",
    "sub",
    "iat",
    "exp",
}


class Step(NamedTuple):
    """One line that a reader types, and what the page says comes back."""

    command: str
    output: str


def steps(page: str) -> Iterator[Step]:
    """Read the transcript of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command, output.strip())


class Shell:
    """Enough of a shell and of curl for the pages: variables, functions, `sleep` and `&`.

    `secrets` are the real ones, by what the page shows of them.
    """

    def __init__(self, stage: Stage, **secrets: str) -> None:
        self.stage = stage
        self.held = Event()
        self.secrets = {f"{shown}…": secret for shown, secret in secrets.items()}
        self.variables: dict[str, str] = {}
        self._user_code = ""
        self._functions: dict[str, str] = {}
        self._job: Future[str] | None = None
        self._pool = ThreadPoolExecutor(1)

    def play(self, page: str) -> None:
        """Type every line of a page."""
        for step in steps(page):
            printed = self.run(step.command)
            if step.output:
                self.secrets |= compare(printed, step.output)
            else:
                assert not printed, step.command

    def run(self, command: str) -> str:
        """Do what a line says; return what it prints."""
        if command.startswith("# ada opens "):
            return self._browser(*self._filled(command.removeprefix("# ada opens ")).split())
        if command.startswith("# "):
            return self._phone(*command[2:].split())
        if found := re.fullmatch(r"(\w+)\(\) \{ (.*); \}", command):
            self._functions[found[1]] = found[2]
            return ""
        if found := re.fullmatch(r"([A-Z_]+)=(.*)", command):
            (value,) = shlex.split(found[2])
            if found[1] == "RETURN_CODE":  # as ada's phone shows it
                code = digest(self.variables["DEVICE_CODE"])
                value = self.stage.server.ports.user_codes.return_code(code)
            self.variables[found[1]] = self.secrets[value] if "…" in value else value
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

    def _phone(self, username: str, decision: str) -> str:
        assert username == "ada"
        {"approves": self.stage.approve, "denies": self.stage.deny}[decision](self._user_code)
        job, self._job = self._job, None
        return job.result(20) if job else ""

    def _browser(self, address: str, *decision: str) -> str:
        """Open an address and decide, if there is anything to decide; return where it leads."""
        server, session = self.stage.server, self.stage.session()
        asked = server.read_authorization(parse_qsl(urlsplit(address).query))
        if isinstance(asked, Redirect):
            assert not decision
            return asked.url
        assert isinstance(server.next_step(asked, session), Consent)
        return server.answer_authorization(asked, session, decision == ("and", "approves")).url

    def _words(self, command: str) -> list[str]:
        name, _, arguments = command.partition(" ")
        if name in self._functions:
            command = self._functions[name].replace('"$@"', arguments)
        return shlex.split(self._filled(command))

    def _filled(self, command: str) -> str:
        return re.sub(r"\$([A-Z_]+)", lambda found: self.variables[found[1]], command)

    def _curl(self, words: list[str]) -> str:
        assert words.pop(0) == "curl"
        fields, form, url, ending = False, [], "", ""
        headers: dict[str, str] = {}
        while words:
            match words.pop(0):
                case "-i":
                    fields = True
                case "-w":
                    ending = words.pop(0).replace("\\n", "\n")
                case "-d":
                    form.append(words.pop(0))
                case "--data-urlencode":
                    form.append(words.pop(0).replace(" ", "+"))
                case "-u":
                    user, _, password = words.pop(0).partition(":")
                    headers |= basic(user, password)
                case "-H":
                    name, _, headers[name] = words.pop(0).partition(": ")
                case url:
                    assert url.startswith(HOST)
        path = url.removeprefix(HOST)
        if form:
            response = self.stage.post(path, "&".join(form), headers)
        else:
            response = self.stage.http.get(path, headers=headers)
        self._user_code = (response.json or {}).get("user_code", self._user_code)
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
    members, rest = _parse(body)
    found_members, found_rest = _parse(found_body)
    assert rest == found_rest
    assert list(members) == list(found_members)
    found = {}
    for name, value in members.items():
        if name not in CHANCE or ("…" not in str(value) and name in ("sub", "code")):
            assert found_members[name] == value
        elif isinstance(value, int):
            assert isinstance(found_members[name], int)
        else:
            assert re.fullmatch(_shape(value), found_members[name])
            found[value] = found_members[name]
    return found


def _parse(body: str) -> tuple[dict[str, Any], str]:
    """Split a JSON body, or an address, into its members and the rest."""
    if body.startswith("https:"):
        address, mark, members = re.split("([?#])", body, maxsplit=1)
        return dict(parse_qsl(members)), address + mark
    members, end = json.JSONDecoder().raw_decode(body)
    return members, body[end:]


def _shape(secret: str) -> str:
    """Return what looks alike: a cut one with anything behind it, a code with other letters."""
    if secret.endswith("…"):
        start = "eyJ" if secret.startswith("eyJ") else ""
        start = secret[: secret.rindex(":") + 1] if secret.startswith("urn:") else start
        return re.escape(start) + r"[\w.~ -]+"
    return re.sub(r"[B-Z](?=[B-Z-]*$)", "[B-Z]", secret)
