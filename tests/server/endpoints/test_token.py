"""POST /token with the device code, through both doors."""

import hashlib
from base64 import urlsafe_b64encode

import pytest
from sqlalchemy import update

from server.core.authorization_server import DEVICE_CODE
from server.storage.schema import clients
from tests.server.played_client import PlayedClient
from tests.server.stage import CLIENT_ID, Stage, basic

PATH = "/token"
POSTED = (PATH, "/device_authorization", "/par", "/revoke", "/introspect")
VERIFIER = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("client_id=tv", "invalid_request"),
        ("client_id=tv&grant_type=", "invalid_request"),
        ("client_id=tv&grant_type=password", "unsupported_grant_type"),
        ("client_id=tv&grant_type=DEVICE_CODE", "unsupported_grant_type"),
        (f"client_id=tv&grant_type={DEVICE_CODE}", "invalid_request"),
        (f"client_id=tv&grant_type={DEVICE_CODE}&device_code=", "invalid_request"),
        (f"client_id=tv&grant_type={DEVICE_CODE}&device_code=a&device_code=a", "invalid_request"),
        (f"grant_type={DEVICE_CODE}&device_code=a", "invalid_request"),
    ],
)
def test_grant_type_and_device_code_are_required(any_stage: Stage, body: str, error: str) -> None:
    """The exact grant type, one device code and a client are needed. TOK-01, TOK-02, TE-11."""
    response = any_stage.post(PATH, body)
    assert (response.status_code, (response.json or {})["error"]) == (400, error)


def test_a_confidential_client_polls_with_its_secret(any_stage: Stage) -> None:
    """A wrong secret in HTTP Basic is 401 with a challenge, the right one is heard. TOK-02."""
    secret = any_stage.register("box", confidential=True) or ""
    form = {"grant_type": DEVICE_CODE, "device_code": "unknown"}
    wrong = any_stage.post(PATH, form, basic("box", "wrong"))
    assert (wrong.status_code, (wrong.json or {})["error"]) == (401, "invalid_client")
    assert wrong.headers["WWW-Authenticate"].startswith("Basic ")
    right = any_stage.post(PATH, form, basic("box", secret))
    assert (right.json or {})["error"] == "invalid_grant"


@pytest.mark.parametrize("state", ["pending", "approved", "denied", "expired"])
def test_a_device_code_belongs_to_its_client(any_stage: Stage, state: str) -> None:
    """Another client hears invalid_grant in every state, and changes nothing. TOK-03, CV-01."""
    any_stage.register("thief")
    codes = any_stage.start()
    if state in {"approved", "denied"}:
        act = any_stage.approve if state == "approved" else any_stage.deny
        act(codes["user_code"])
    elif state == "expired":
        any_stage.clock.advance(601)
    expected = {"pending": "authorization_pending", "approved": "None", "denied": "access_denied"}
    assert any_stage.error(codes["device_code"], client_id="thief") == "invalid_grant"
    assert any_stage.error(codes["device_code"]) == expected.get(state, "expired_token")


def test_a_waiting_device_is_told_to_wait(any_stage: Stage) -> None:
    """Right after issue, and after the code was entered, a poll is pending. TOK-04."""
    codes = any_stage.start()
    response = any_stage.poll(codes["device_code"])
    assert (response.status_code, (response.json or {})["error"]) == (400, "authorization_pending")
    any_stage.server.claim(codes["user_code"], any_stage.session())
    any_stage.clock.advance(5)
    assert any_stage.error(codes["device_code"]) == "authorization_pending"


def test_slow_down_grows_the_interval_for_good(any_stage: Stage) -> None:
    """Each early poll adds 5 s and says the new interval; the new pace is then kept. TOK-05."""
    code = any_stage.start()["device_code"]
    any_stage.poll(code)
    any_stage.clock.advance(1)
    early = any_stage.poll(code).json or {}
    assert (early["error"], early["interval"]) == ("slow_down", 10)
    any_stage.clock.advance(5)
    assert (any_stage.poll(code).json or {})["interval"] == 15
    for _ in range(3):
        any_stage.clock.advance(15)
        assert any_stage.error(code) == "authorization_pending"
    any_stage.clock.advance(10)
    assert any_stage.error(code) == "slow_down"


def test_a_client_at_the_announced_pace_is_never_punished(any_stage: Stage) -> None:
    """Polls at the interval, up to half a second early, are all pending. TOK-05."""
    code = any_stage.start()["device_code"]
    for gap in (0, 5.0, 4.5, 4.99, 5.2, 4.6):
        any_stage.clock.advance(gap)
        assert any_stage.error(code) == "authorization_pending"


def test_an_early_poll_gets_what_was_approved(any_stage: Stage) -> None:
    """A tenth of a second after a poll, an approved code is answered with tokens. TOK-06."""
    codes = any_stage.start()
    any_stage.poll(codes["device_code"])
    any_stage.approve(codes["user_code"])
    any_stage.clock.advance(0.1)
    assert any_stage.poll(codes["device_code"]).status_code == 200


def test_a_denial_reaches_the_device(any_stage: Stage) -> None:
    """A denied code is access_denied, on an early poll and on every later one. TOK-07."""
    codes = any_stage.start()
    any_stage.poll(codes["device_code"])
    any_stage.deny(codes["user_code"])
    for _ in range(3):
        assert any_stage.error(codes["device_code"]) == "access_denied"


def test_a_device_that_slept_hears_expired_token(any_stage: Stage) -> None:
    """An expired code is expired_token, also a whole lifetime later. TOK-07."""
    code = any_stage.start()["device_code"]
    for _ in range(3):
        any_stage.clock.advance(600)
        assert any_stage.error(code) == "expired_token"


@pytest.mark.parametrize("device_code", ["unknown", "x" * 200, "x" * 10_000, "é"])
def test_an_unknown_device_code_is_invalid_grant(any_stage: Stage, device_code: str) -> None:
    """A code that was never issued, of any length, is invalid_grant. TOK-07, TOK-18."""
    assert any_stage.error(device_code) == "invalid_grant"


def test_an_approved_device_gets_its_tokens(any_stage: Stage) -> None:
    """The answer has the members of RFC 6749 5.1 and is never stored. TOK-08."""
    codes = any_stage.start()
    any_stage.approve(codes["user_code"])
    response = any_stage.poll(codes["device_code"])
    answer = response.json or {}
    assert response.status_code == 200
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert type(answer["expires_in"]) is int
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


def test_a_device_code_is_used_once(any_stage: Stage) -> None:
    """A redeemed code is invalid_grant. TOK-08, TOK-09."""
    codes = any_stage.start()
    any_stage.approve(codes["user_code"])
    any_stage.poll(codes["device_code"])
    assert any_stage.error(codes["device_code"]) == "invalid_grant"


def test_a_second_redemption_revokes_the_tokens_of_the_first(any_stage: Stage) -> None:
    """Presenting a redeemed code ends its grant: access and refresh token are dead. TOK-09."""
    codes = any_stage.start()
    any_stage.approve(codes["user_code"])
    tokens = any_stage.poll(codes["device_code"]).json or {}
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert any_stage.http.get("/userinfo", headers=bearer).status_code == 200
    any_stage.poll(codes["device_code"])
    assert any_stage.http.get("/userinfo", headers=bearer).status_code == 401
    assert (any_stage.refresh(tokens["refresh_token"]).json or {})["error"] == "invalid_grant"


def test_another_clients_replay_revokes_nothing(any_stage: Stage) -> None:
    """A redeemed code in the hands of another client does not end the grant. TOK-03, TOK-09."""
    any_stage.register("thief")
    codes = any_stage.start()
    any_stage.approve(codes["user_code"])
    tokens = any_stage.poll(codes["device_code"]).json or {}
    any_stage.error(codes["device_code"], client_id="thief")
    assert any_stage.refresh(tokens["refresh_token"]).status_code == 200


def test_a_client_that_lost_the_grant_is_told(any_stage: Stage) -> None:
    """A client that may not use the grant any more is unauthorized_client at its poll. TOK-10."""
    code = any_stage.start()["device_code"]
    with any_stage.application.database.writing() as connection:
        connection.execute(update(clients).values(grant_types="refresh_token"))
    any_stage.clock.advance(60)
    assert any_stage.error(code) == "unauthorized_client"


def test_the_token_says_who_what_and_for_whom(stage: Stage) -> None:
    """The access token names approver, client, scope and audience. TOK-11, JW-01."""
    claims = stage.server.ports.signer.verify(stage.signed_in()["access_token"]) or {}
    assert claims["sub"] == "subject of ada"
    assert (claims["client_id"], claims["scope"]) == (CLIENT_ID, "profile")
    assert claims["iss"] == claims["aud"] == "http://localhost:8628"
    assert claims["exp"] - claims["iat"] == 3600


def test_no_refresh_token_for_a_client_without_that_grant(any_stage: Stage) -> None:
    """A client registered for the device grant alone gets no refresh token. TOK-12."""
    any_stage.register("once", grant_types=(DEVICE_CODE,))
    codes = any_stage.start(client_id="once")
    any_stage.approve(codes["user_code"])
    answer = any_stage.poll(codes["device_code"], client_id="once").json or {}
    assert "refresh_token" not in answer


@pytest.mark.parametrize("verifier", [None, "x" * 43, "short", VERIFIER + "x"])
def test_a_challenge_binds_the_code_to_its_verifier(any_stage: Stage, verifier: str | None) -> None:
    """Without the right verifier a poll is invalid_grant; the right one still passes. DAE-23."""
    codes = any_stage.start(code_challenge=CHALLENGE, code_challenge_method="S256")
    any_stage.approve(codes["user_code"])
    form = {"code_verifier": verifier} if verifier else {}
    assert any_stage.error(codes["device_code"], **form) == "invalid_grant"
    assert any_stage.poll(codes["device_code"], code_verifier=VERIFIER).status_code == 200


def test_a_verifier_without_a_challenge_is_refused(any_stage: Stage) -> None:
    """A verifier for a request that sent no challenge is a downgrade: invalid_grant. DAE-23."""
    codes = any_stage.start()
    assert any_stage.error(codes["device_code"], code_verifier=VERIFIER) == "invalid_grant"


def test_a_closed_account_gets_no_tokens(any_stage: Stage) -> None:
    """An account that is gone between approval and poll leads to invalid_grant. VER-21."""
    any_stage.add_account("eve", disabled=True)
    codes = any_stage.start()
    session = any_stage.session("eve")
    reference = any_stage.claim(codes["user_code"], session)
    any_stage.server.approve(reference, session)
    assert any_stage.error(codes["device_code"]) == "invalid_grant"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", POSTED)
def test_it_is_posted(any_stage: Stage, path: str, method: str) -> None:
    """Any other method is 405 and says which one it takes. TE-01, DAE-01."""
    response = any_stage.http.open(f"{path}?client_id=tv", method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("credentials", ["right", "wrong"])
@pytest.mark.parametrize("path", POSTED)
def test_no_answer_is_kept(any_stage: Stage, path: str, credentials: str) -> None:
    """Answers with tokens or codes, and refusals, are no-store in both spellings. TE-02."""
    grants = ("client_credentials", DEVICE_CODE, "authorization_code")
    back = "https://app.example/back"
    client = PlayedClient(any_stage, grant_types=grants, redirect_uris=(back,))
    client.secret = client.secret if credentials == "right" else "wrong"
    form = {"grant_type": "client_credentials", "token": "x", "response_type": "code"}
    response = client.post(path, **form)
    assert (response.status_code < 300) == (credentials == "right")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


def test_addresses_have_neither_query_nor_fragment(any_stage: Stage) -> None:
    """Every advertised address is a plain one. TE-12."""
    document = any_stage.http.get("/.well-known/oauth-authorization-server").json or {}
    addresses = [one for name, one in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert not [address for address in addresses if set("?#") & set(address)]


@pytest.mark.parametrize("path", ["/authorize", "/authorize/decision", "/device", "/sign-in"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_other_site_reads_a_persons_pages(any_stage: Stage, path: str, method: str) -> None:
    """Whatever the Origin, no page may be read by scripts from elsewhere. TE-13."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    response = any_stage.http.open(path, method=method, headers=headers)
    assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]
