"""What the pages on the other flows show of the wire is what happens."""

import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from server.storage.schema import accounts
from tests.fakes import FakeClock
from tests.server.stage import Stage, opened
from tests.transcripts import DOCS, Shell

TV = "living-room-tv"


def play(stage: Stage, page: str, **secrets: str) -> None:
    """Type every line of a page."""
    shell = Shell(stage, **secrets)
    shell.play(page)
    shell.close()


def add_films(stage: Stage) -> None:
    """Register the app of the pages."""
    stage.server.register_client(
        "films",
        "Films",
        ("authorization_code", "refresh_token"),
        ("profile",),
        redirect_uris=("https://films.example/cb",),
    )


def test_the_authorization_code_page(tmp_path: Path) -> None:
    """Its transcript is what happens. RFC 6749 4.1, RFC 9126 2."""
    with opened(tmp_path, FakeClock()) as stage:
        add_films(stage)
        play(stage, "authorization_code.md")


def test_the_client_credentials_page(tmp_path: Path) -> None:
    """Its transcript is what happens. RFC 6749 4.4, RFC 7662 2, RFC 7009 2."""
    with opened(
        tmp_path, FakeClock(), scopes={"profile": "See your name", "reports": "Read the reports"}
    ) as stage:
        secret = stage.register(
            "nightly-job",
            grant_types=("client_credentials",),
            scopes=("reports",),
            confidential=True,
        )
        play(stage, "client_credentials.md", sK3u=secret or "")


def test_the_refreshing_page(tmp_path: Path) -> None:
    """Its transcript is what happens. RFC 6749 6, RFC 7009 2."""
    with opened(tmp_path, FakeClock()) as stage:
        stage.register(TV, scopes=("openid", "profile", "email"))
        codes = stage.start(client_id=TV)
        stage.approve(codes["user_code"])
        tokens = stage.poll(codes["device_code"], client_id=TV).json or {}
        play(stage, "refreshing.md", YbTn=tokens["refresh_token"])


def test_the_openid_connect_page(tmp_path: Path) -> None:
    """Its transcript is what happens. OpenID Connect Core 5.3."""
    with opened(tmp_path, FakeClock()) as stage:
        stage.register(TV, scopes=("openid", "profile", "email"))
        with stage.application.database.writing() as connection:
            connection.execute(update(accounts).values(email="ada@example.com"))
        play(stage, "openid_connect.md")


def test_the_implicit_page(tmp_path: Path) -> None:
    """Its transcript is what happens. RFC 6749 4.2."""
    with opened(tmp_path, FakeClock(), allow_implicit=True) as stage:
        add_films(stage)
        stage.server.register_client(
            "old-page",
            "Old page",
            ("implicit",),
            ("profile",),
            redirect_uris=("https://old.example/page",),
        )
        play(stage, "implicit.md")


def test_the_password_page(tmp_path: Path) -> None:
    """Its transcript is what happens. RFC 6749 4.3."""
    with opened(tmp_path, FakeClock(), allow_password_grant=True) as stage:
        stage.server.register_client(
            "old-program",
            "Old program",
            ("password",),
            ("profile",),
            password_until=stage.clock() + 3600,
        )
        play(stage, "password.md")


def put_behind_requests(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Give the stage to who imports requests; ada approves while the device waits."""
    codes: list[str] = []

    def answer(response: TestResponse) -> SimpleNamespace:
        if "user_code" in (members := response.json or {}):
            codes.append(members["user_code"])
        return SimpleNamespace(json=response.get_json, headers=response.headers)

    def post(url: str, data: dict[str, str], headers: dict[str, str]) -> SimpleNamespace:
        return answer(stage.post(urlsplit(url).path, data, headers))

    def get(url: str, headers: dict[str, str]) -> SimpleNamespace:
        return answer(stage.http.get(urlsplit(url).path, headers=headers))

    def sleep(seconds: int) -> None:
        stage.clock.advance(seconds)
        stage.approve(codes[-1])

    patch.setitem(sys.modules, "requests", SimpleNamespace(post=post, get=get))
    patch.setattr(time, "time", stage.clock)
    patch.setattr(time, "sleep", sleep)


def test_the_dpop_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its program signs ada in and is told who she is. RFC 9449 5, 7.1."""
    page = (DOCS / "dpop.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    with opened(tmp_path, FakeClock()) as stage:
        stage.register(TV)
        put_behind_requests(stage, monkeypatch)
        exec(program, {})  # noqa: S102 - the page's own code
    assert capsys.readouterr().out.splitlines()[-1] == "DPoP Ada"
