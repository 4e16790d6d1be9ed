"""POST /device_authorization, through both doors."""

import re
from urllib.parse import urlsplit

import pytest

from tests.server.stage import CLIENT_ID, Stage, basic

PATH = "/device_authorization"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_taken(any_stage: Stage, method: str) -> None:
    """Any method but POST is 405 and told so. DAE-01."""
    response = any_stage.http.open(PATH, method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"client_id": "tv"}'),
        ("multipart/form-data; boundary=x", "client_id=tv"),
        ("", "client_id=tv"),
    ],
)
def test_only_forms_are_read(any_stage: Stage, content_type: str, body: str) -> None:
    """A body of another type is invalid_request and never a code. DAE-01."""
    response = any_stage.post(PATH, body, content_type=content_type)
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_request")


def test_the_charset_of_a_form_may_be_named(any_stage: Stage) -> None:
    """The content type that fetch sends, with its charset, is a form. DAE-01."""
    content_type = "application/x-www-form-urlencoded;charset=UTF-8"
    assert any_stage.post(PATH, "client_id=tv", content_type=content_type).status_code == 200


def test_a_form_that_is_not_utf_8_is_refused(any_stage: Stage) -> None:
    """Bytes that are no UTF-8, plain or percent-encoded, are invalid_request. DAE-01."""
    for body in (b"client_id=\xff", b"client_id=%ff", b"client_id=tv&scope=%00"):
        assert (any_stage.post(PATH, body).json or {})["error"] == "invalid_request"


def test_a_client_names_itself(any_stage: Stage) -> None:
    """A request without client_id is invalid_request. DAE-02."""
    response = any_stage.post(PATH, {"scope": "profile"})
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_request")


def test_an_unknown_client_is_refused(any_stage: Stage) -> None:
    """An unknown client_id is invalid_client, with status 400 as no header was used. DAE-02."""
    response = any_stage.post(PATH, {"client_id": "nobody"})
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_client")
    assert "WWW-Authenticate" not in response.headers


def test_a_confidential_client_authenticates_by_basic(any_stage: Stage) -> None:
    """HTTP Basic with the secret gets codes. DAE-03."""
    secret = any_stage.register("box", confidential=True) or ""
    assert any_stage.post(PATH, {}, basic("box", secret)).status_code == 200


def test_a_confidential_client_authenticates_in_the_body(any_stage: Stage) -> None:
    """client_id and client_secret in the body get codes. DAE-03."""
    secret = any_stage.register("box", confidential=True) or ""
    form = {"client_id": "box", "client_secret": secret}
    assert any_stage.post(PATH, form).status_code == 200


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_basic_secret_is_401_with_a_challenge(any_stage: Stage, password: str) -> None:
    """A wrong or missing secret in HTTP Basic is 401 with the scheme's challenge. DAE-03."""
    any_stage.register("box", confidential=True)
    response = any_stage.post(PATH, {}, basic("box", password))
    assert (response.status_code, (response.json or {})["error"]) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("form", [{}, {"client_secret": "wrong"}, {"client_secret": ""}])
def test_a_wrong_secret_in_the_body_is_refused(any_stage: Stage, form: dict[str, str]) -> None:
    """A confidential client without its secret in the body is invalid_client. DAE-03."""
    any_stage.register("box", confidential=True)
    response = any_stage.post(PATH, {"client_id": "box", **form})
    assert (response.json or {})["error"] == "invalid_client"


def test_a_public_client_has_no_secret(any_stage: Stage) -> None:
    """A public client that sends a secret is not the client it says. DAE-03."""
    response = any_stage.post(PATH, {"client_id": CLIENT_ID, "client_secret": "x"})
    assert (response.json or {})["error"] == "invalid_client"


def test_basic_with_an_empty_password_names_a_public_client(any_stage: Stage) -> None:
    """`Basic client_id:` is how some libraries send a public client. DAE-03."""
    assert any_stage.post(PATH, {}, basic(CLIENT_ID, "")).status_code == 200


def test_basic_and_body_must_agree(any_stage: Stage) -> None:
    """A client_id in the body that differs from the Basic user is invalid_client. DAE-03."""
    secret = any_stage.register("box", confidential=True) or ""
    response = any_stage.post(PATH, {"client_id": CLIENT_ID}, basic("box", secret))
    assert (response.json or {})["error"] == "invalid_client"


def test_two_authentications_are_one_too_many(any_stage: Stage) -> None:
    """Basic beside a secret in the body is invalid_request. RFC 6749 2.3."""
    secret = any_stage.register("box", confidential=True) or ""
    response = any_stage.post(PATH, {"client_secret": secret}, basic("box", secret))
    assert (response.json or {})["error"] == "invalid_request"


@pytest.mark.parametrize("header", ["Bearer x", "Basic", "Basic %%%", "Basic bm9jb2xvbg==", ""])
def test_what_is_not_basic_is_refused(any_stage: Stage, header: str) -> None:
    """An Authorization header that is no HTTP Basic is invalid_client, not a crash. DAE-03."""
    response = any_stage.post(PATH, {"client_id": CLIENT_ID}, {"Authorization": header})
    assert (response.status_code, (response.json or {})["error"]) == (401, "invalid_client")


def test_an_empty_scope_is_no_scope(any_stage: Stage) -> None:
    """`scope=` asks for the default, as leaving it out does. DAE-04."""
    codes = any_stage.start(scope="")
    any_stage.approve(codes["user_code"])
    assert (any_stage.poll(codes["device_code"]).json or {})["scope"] == "profile"


def test_an_empty_client_id_is_none(any_stage: Stage) -> None:
    """`client_id=` is a missing client_id. DAE-04."""
    assert (any_stage.post(PATH, "client_id=").json or {})["error"] == "invalid_request"


def test_unknown_parameters_are_ignored(any_stage: Stage) -> None:
    """A parameter we do not know changes nothing. DAE-05."""
    assert any_stage.start(foo="bar").keys() == any_stage.start().keys()


@pytest.mark.parametrize(
    "twice", ["scope=profile&scope=profile", "client_id=tv", "x=1&x=2", "scope=&scope=profile"]
)
def test_no_parameter_occurs_twice(any_stage: Stage, twice: str) -> None:
    """A repeated parameter, known or not, is invalid_request. DAE-06."""
    response = any_stage.post(PATH, f"client_id=tv&{twice}")
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_request")


def test_the_answer_has_the_members_of_the_rfc(any_stage: Stage) -> None:
    """All members are there, the numbers as JSON integers: ten minutes, 5 s. DAE-08, COD-06."""
    response = any_stage.post(PATH, {"client_id": CLIENT_ID})
    answer = response.json or {}
    assert response.content_type == "application/json"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", answer["device_code"])
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", answer["user_code"])
    assert (answer["expires_in"], answer["interval"]) == (600, 5)
    assert type(answer["expires_in"]) is type(answer["interval"]) is int


@pytest.mark.parametrize("client_id", [CLIENT_ID, "nobody"])
def test_no_answer_is_stored(any_stage: Stage, client_id: str) -> None:
    """Codes and refusals alike are marked no-store. DAE-09."""
    headers = any_stage.post(PATH, {"client_id": client_id}).headers
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")


def test_errors_have_the_token_endpoints_form(any_stage: Stage) -> None:
    """Each refusal is JSON with `error` and a description. DAE-12."""
    any_stage.register("plain", grant_types=("refresh_token",))
    forms = {
        "invalid_request": {},
        "invalid_client": {"client_id": "nobody"},
        "unauthorized_client": {"client_id": "plain"},
        "invalid_scope": {"client_id": CLIENT_ID, "scope": "everything"},
    }
    for error, form in forms.items():
        response = any_stage.post(PATH, form)
        assert (response.status_code, (response.json or {})["error"]) == (400, error)
        assert (response.json or {}).keys() == {"error", "error_description"}


def test_a_client_needs_the_device_grant(any_stage: Stage) -> None:
    """A client registered for other grants alone is unauthorized_client. DAE-13."""
    any_stage.register("plain", grant_types=("refresh_token",))
    response = any_stage.post(PATH, {"client_id": "plain"})
    assert (response.json or {})["error"] == "unauthorized_client"


@pytest.mark.parametrize("scope", ["admin", "profile admin", " profile", 'a"b', "ä"])
def test_a_scope_beyond_the_registration_is_refused(any_stage: Stage, scope: str) -> None:
    """Scope that the client may not have, or that is malformed, is invalid_scope. DAE-14."""
    response = any_stage.post(PATH, {"client_id": CLIENT_ID, "scope": scope})
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_scope")


def test_what_libraries_add_is_left_out_and_told(any_stage: Stage) -> None:
    """openid and offline_access are dropped, and the token response says so. DAE-14."""
    codes = any_stage.start(scope="openid profile offline_access")
    any_stage.approve(codes["user_code"])
    assert (any_stage.poll(codes["device_code"]).json or {})["scope"] == "profile"


def test_the_verification_uri_is_short_and_without_the_code(any_stage: Stage) -> None:
    """It fits the 40 characters of a TV and has no query. DAE-16."""
    uri = any_stage.start()["verification_uri"]
    assert uri == "http://localhost:8628/device"
    assert len(uri) <= 40


def test_urls_come_from_the_issuer(any_stage: Stage) -> None:
    """A forged Host header changes no URL. DAE-17."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    answer = any_stage.post(PATH, {"client_id": CLIENT_ID}, headers).json or {}
    assert urlsplit(answer["verification_uri"]).netloc == "localhost:8628"
    assert urlsplit(answer["verification_uri_complete"]).netloc == "localhost:8628"


def test_the_complete_uri_carries_the_code_in_a_path(any_stage: Stage) -> None:
    """The QR link is a short path without query or small letters. DAE-18."""
    answer = any_stage.start()
    code = answer["user_code"].replace("-", "")
    assert answer["verification_uri_complete"] == f"http://localhost:8628/D/{code}"


def test_a_giant_body_is_413_and_stores_nothing(any_stage: Stage) -> None:
    """A body over 16 KiB is refused before it is parsed. DAE-22."""
    response = any_stage.post(PATH, b"client_id=tv&x=" + b"x" * 1_000_000)
    assert (response.status_code, (response.json or {})["error"]) == (413, "invalid_request")
    assert any_stage.server.ports.device_authorizations.count_live(0, 10) == 0


@pytest.mark.parametrize(
    "form",
    [
        {"code_challenge": "x" * 43},
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
        {"code_challenge": "short", "code_challenge_method": "S256"},
        {"code_challenge_method": "S256"},
    ],
)
def test_a_code_challenge_is_s256_or_refused(any_stage: Stage, form: dict[str, str]) -> None:
    """Another method, a malformed challenge or half a pair is invalid_request. DAE-23."""
    response = any_stage.post(PATH, {"client_id": CLIENT_ID, **form})
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_request")
