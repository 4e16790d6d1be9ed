"""Two doors, one implementation."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from server.app import Application
from server.core.authorization_server import DEVICE_CODE
from tests.server.stage import Stage

PATHS = ("/token", "/device_authorization", "/userinfo", "/jwks.json")
FORMS = st.sampled_from(
    [
        "",
        "client_id=tv",
        "client_id=app",
        "client_id=tv&grant_type=refresh_token&refresh_token=x",
        f"client_id=tv&grant_type={DEVICE_CODE}&device_code=x",
        "client_id=tv&client_id=tv",
        "client_id=%ff",
        "client_id=tv&scope=admin",
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": st.sampled_from(["Basic dHY6", "Basic x", "Bearer x", ""]),
        "Content-Type": st.sampled_from(["application/x-www-form-urlencoded", "text/plain", ""]),
        "User-Agent": st.sampled_from(["TV/1.0", ""]),
        "Origin": st.sampled_from(["https://app.example", "https://evil.example", "null", ""]),
    },
)


def fingerprint(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all that a client can see, codes and secrets aside."""
    body = re.sub(rb'(code|complete)":"[^"]*"', b"", response.data)
    headers = sorted(response.headers.items())
    return response.status_code, [h for h in headers if h[0] != "Content-Length"], body


@pytest.fixture
def doors(stage: Stage, application: Application) -> list[Client]:
    """Give both doors to one server."""
    return [Client(application.wsgi), Client(application.flask)]


def test_both_doors_answer_alike(stage: Stage, doors: list[Client]) -> None:
    """Status, headers and body are the same, whatever is sent. RFC 6749 5."""
    stage.register("app", origins=("https://app.example",))

    @settings(max_examples=150, deadline=None)
    @given(
        st.sampled_from(PATHS), st.sampled_from(["POST", "GET", "PUT", "OPTIONS"]), FORMS, HEADERS
    )
    def compare(path: str, method: str, form: str, headers: dict[str, str]) -> None:
        answers = [door.open(path, method=method, data=form, headers=headers) for door in doors]
        assert fingerprint(answers[0]) == fingerprint(answers[1])

    compare()


def test_errors_are_plain_ascii(stage: Stage) -> None:
    """error and error_description stay in the characters of RFC 6749 5.2. TOK-14."""
    allowed = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")
    for form in ("", "client_id=é", "client_id=tv&scope=\u202e&grant_type=é", "x=1&x=2"):
        for path in PATHS[:2]:
            answer = stage.post(path, form.encode()).json or {}
            assert allowed.fullmatch(answer["error"])
            assert allowed.fullmatch(answer["error_description"])


def test_every_refusal_is_json(stage: Stage) -> None:
    """No status above 399 comes without a JSON error. TOK-13."""
    for path in PATHS[:2]:
        for method in ("GET", "POST", "PATCH"):
            response = stage.http.open(path, method=method, data=b"\xff")
            assert response.status_code >= 400
            assert response.content_type == "application/json"
            assert "error" in (response.json or {})


def test_an_https_issuer_sends_hsts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Machine answers of an https issuer carry Strict-Transport-Security. HD-02."""
    from server.app import build
    from server.config import make

    path = tmp_path_factory.mktemp("https")
    application = build(make(issuer="https://tv.example.com", database=f"sqlite:///{path}/p.db"))
    headers = Client(application.wsgi).get("/jwks.json").headers
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    application.database.close()
