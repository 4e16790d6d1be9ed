"""Everything put together, and what happens when a part fails."""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from server.app import Application, build, create_app, create_wsgi
from server.config import make
from server.config_checks import ConfigError
from server.core.authorization_server import DEVICE_CODE
from server.storage.database import Database, open_database
from tests.server.stage import CLIENT_ID, Stage

SECRET = "a secret for tests, long enough."

REQUESTS: dict[str, Callable[[Stage], TestResponse]] = {
    "start": lambda stage: stage.post("/device_authorization", {"client_id": CLIENT_ID}),
    "poll": lambda stage: stage.poll("x" * 43),
    "refresh": lambda stage: stage.refresh("x" * 43),
    "userinfo": lambda stage: stage.http.get(
        "/userinfo", headers={"Authorization": f"Bearer {_token(stage)}"}
    ),
}


def _token(stage: Stage) -> str:
    claims = {"iss": stage.server.settings.issuer, "exp": stage.clock() + 9, "jti": "1"}
    return stage.server.ports.signer.sign({**claims, "grant_id": "grant", "client_id": "tv"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of the application's database."""
    return tmp_path / "pairlight.db"


def damage(application: Application, path: Path) -> None:
    """Make a database unusable while it is used."""
    application.database.close()
    path.write_bytes(b"This is not a database. " * 100)


# What fails while it runs


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_store_that_fails_is_503(
    any_stage: Stage, path: Path, request_: Callable[[Stage], TestResponse]
) -> None:
    """A broken database is "come again", never a refusal of the protocol. LO-02, LP-08."""
    damage(any_stage.application, path)
    response = request_(any_stage)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert (response.json or {})["error"] == "temporarily_unavailable"


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_failing_store_is_logged(
    any_stage: Stage,
    path: Path,
    request_: Callable[[Stage], TestResponse],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The operator reads what is wrong with the database; the client does not. LO-02."""
    damage(any_stage.application, path)
    response = request_(any_stage)
    assert "file is not a database" in caplog.text
    assert "not a database" not in response.text


def test_a_store_that_comes_back_is_used(any_stage: Stage, path: Path) -> None:
    """Once the database is whole again, the same server answers again. RB-07."""
    codes = any_stage.start()
    any_stage.application.database.close()
    whole = path.read_bytes()
    damage(any_stage.application, path)
    assert any_stage.poll(codes["device_code"]).status_code == 503
    any_stage.application.database.close()
    path.write_bytes(whole)
    assert any_stage.error(codes["device_code"]) == "authorization_pending"


def test_a_locked_database_stops_no_poll(any_stage: Stage, path: Path) -> None:
    """While another program writes, devices are still told how they stand. STM-11."""
    codes = any_stage.start()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert any_stage.error(codes["device_code"]) == "authorization_pending"
    other.close()


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_unexpected_is_500_without_a_trace(
    any_stage: Stage,
    request_: Callable[[Stage], TestResponse],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What nobody foresaw is JSON to the client and a traceback to the operator. LO-02."""

    def break_down(*_: object) -> None:
        raise ZeroDivisionError("the inside of the server")

    database = type(any_stage.application.database)
    monkeypatch.setattr(database, "writing", break_down)
    monkeypatch.setattr(database, "reading", break_down)
    monkeypatch.setattr(database, "_hot_connection", break_down)
    response = request_(any_stage)
    assert (response.status_code, response.content_type) == (500, "application/json")
    assert (response.json or {}).keys() == {"error", "error_description"}
    assert "inside" not in response.text
    assert "the inside of the server" in caplog.text


def test_a_trace_holds_no_secret(
    any_stage: Stage, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither codes nor tokens stand in the log of a failure. COD-10."""
    caplog.set_level(logging.DEBUG)
    tokens = any_stage.signed_in()
    codes = any_stage.start()
    damage(any_stage.application, path)
    any_stage.poll(codes["device_code"])
    any_stage.refresh(tokens["refresh_token"])
    secrets = (codes["device_code"], tokens["refresh_token"], tokens["access_token"])
    assert [secret for secret in secrets if secret in caplog.text] == []


# What stops the start


def test_another_secret_is_told(tmp_path: Path) -> None:
    """A database that was made with another secret stops the start, with a hint. COD-05."""
    url = f"sqlite:///{tmp_path}/pairlight.db"
    build(make(database=url, secret=SECRET)).database.close()
    with pytest.raises(ConfigError, match="the secret is not the one that the database") as caught:
        build(make(database=url, secret=SECRET[::-1]))
    assert "PAIRLIGHT_SECRET" in caught.value.hint


def test_a_bad_start_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that fails closes the database that it opened. LO-02."""
    closed = []
    close = Database.close

    def note(database: Database) -> None:
        close(database)
        closed.append(database)

    monkeypatch.setattr(Database, "close", note)
    with pytest.raises(ConfigError):
        build(make(database=f"sqlite:///{tmp_path}/nowhere/tv.db", secret=SECRET))
    assert len(closed) == 1


def test_a_bad_start_changes_nothing(tmp_path: Path) -> None:
    """After a start with another secret, the right one still opens the database. COD-05."""
    url = f"sqlite:///{tmp_path}/pairlight.db"
    first = build(make(database=url, secret=SECRET))
    with pytest.raises(ConfigError):
        build(make(database=url, secret=SECRET[::-1]))
    again = build(make(database=url, secret=SECRET))
    assert again.server.jwks() == first.server.jwks()
    first.database.close()
    again.database.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"This is not a database. " * 100, "file is not a database"),
        (None, "unable to open|Is a directory"),
    ],
)
def test_an_unusable_database_is_told(path: Path, content: bytes | None, message: str) -> None:
    """A database that cannot be used stops the start, named and on one line. LO-02."""
    if content:
        path.write_bytes(content)
    else:
        path.mkdir()
    with pytest.raises(ConfigError, match=message) as caught:
        build(make(database=f"sqlite:///{path}", secret=SECRET))
    assert str(path) in str(caught.value)
    assert "\n" not in f"{caught.value}{caught.value.hint}"


# What was put together


def test_starts_share_keys(tmp_path: Path) -> None:
    """A token of one process is good in another. TE-09."""
    config = make(database=f"sqlite:///{tmp_path}/pairlight.db")
    one, two = build(config), build(config)
    token = one.server.ports.signer.sign({"sub": "ada"})
    assert two.server.ports.signer.verify(token) == {"sub": "ada"}
    one.database.close()
    two.database.close()


def test_processes_share_a_sign_in(stage: Stage, tmp_path: Path) -> None:
    """A code that one process gave out is redeemed at another. STM-01."""
    codes = stage.start()
    stage.approve(codes["user_code"])
    other = build(make(database=f"sqlite:///{tmp_path}/pairlight.db"), stage.clock)
    form = {"client_id": CLIENT_ID, "grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert Client(other.wsgi).post("/token", data=form).status_code == 200
    other.database.close()


@pytest.fixture
def _closed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the databases of those who give back only the application."""
    opened: list[Database] = []

    def remembering(url: str) -> Database:
        opened.append(open_database(url))
        return opened[-1]

    monkeypatch.setattr("server.app.open_database", remembering)
    yield
    for database in opened:
        database.close()


@pytest.mark.usefixtures("_closed_in_the_end")
def test_create_app_is_the_whole_application(tmp_path: Path) -> None:
    """The Flask application alone answers what machines ask. MD-01."""
    app = create_app(make(database=f"sqlite:///{tmp_path}/pairlight.db"))
    answer = app.test_client().get("/.well-known/oauth-authorization-server")
    assert (answer.json or {})["grant_types_supported"][:2] == [DEVICE_CODE, "refresh_token"]


@pytest.mark.usefixtures("_closed_in_the_end")
def test_create_wsgi_reads_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What WSGI servers call is configured by the environment. MD-01."""
    monkeypatch.setattr("server.logs.configure", lambda **_: None)
    for name in [name for name in os.environ if name.startswith("PAIRLIGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PAIRLIGHT_DATABASE", f"sqlite:///{tmp_path}/pairlight.db")
    monkeypatch.setenv("PAIRLIGHT_ISSUER", "https://tv.example")
    answer = Client(create_wsgi()).get("/.well-known/oauth-authorization-server")
    assert (answer.json or {})["issuer"] == "https://tv.example"
