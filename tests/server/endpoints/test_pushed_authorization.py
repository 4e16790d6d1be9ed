"""POST /par, through both doors."""

import pytest

from server.core.authorization_server import DEVICE_CODE
from server.core.records import PushedRequest
from server.core.tokens import digest
from tests.server.browser_app import APP, CHALLENGE, BrowserApp
from tests.server.stage import Stage

PATH = "/par"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def app(stage: Stage) -> BrowserApp:
    """Give a public client."""
    return BrowserApp(stage)


def kept(app: BrowserApp, request_uri: str) -> PushedRequest | None:
    """Return what the store holds of a pushed request."""
    return app.stage.server.ports.pushed_requests.find(digest(request_uri))


@pytest.mark.parametrize("confidential", [False, True])
def test_a_request_gets_a_name(any_stage: Stage, confidential: bool) -> None:
    """A good request is created: 201, a URN that nobody guesses, ten minutes. PA-03."""
    app = BrowserApp(any_stage, confidential=confidential)
    response = app.push()
    answer = response.json or {}
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    assert answer.pop("request_uri").startswith("urn:ietf:params:oauth:request_uri:")
    assert answer == {"expires_in": 600}


def test_each_name_is_new(app: BrowserApp) -> None:
    """One request pushed twice gets two names of 256 bits each. RFC 9126 7.1, PA-03."""
    one, other = (app.pushed()["request_uri"].rpartition(":")[2] for _ in range(2))
    assert one != other
    assert (len(one), len(other)) == (43, 43)


def test_no_secret_is_kept(stage: Stage) -> None:
    """What proved the client, and the name itself, are not in the store. RFC 9126 2.1, PA-03."""
    app = BrowserApp(stage, confidential=True)
    form = {**app.asked, "client_secret": app.secret or ""}
    request_uri = (stage.post(PATH, form).json or {})["request_uri"]
    found = kept(app, request_uri)
    assert found is not None
    assert '"redirect_uri": "https://photos.example/back"' in found.parameters
    assert (app.secret or "") not in found.parameters
    assert request_uri not in str(found)


def test_a_client_must_prove_itself(any_stage: Stage) -> None:
    """Without its secret, or with a wrong one, a confidential client is refused. RFC 9126 2.1."""
    app = BrowserApp(any_stage, confidential=True)
    for secret in ({}, {"client_secret": "wrong"}):
        answer = any_stage.post(PATH, {**app.asked, **secret})
        assert (answer.json or {})["error"] == "invalid_client"


def test_a_client_cannot_push_for_another(stage: Stage) -> None:
    """The client_id of the request is the one that was proven. RFC 9126 2.1, PA-03."""
    app = BrowserApp(stage, confidential=True)
    BrowserApp(stage, "other")
    assert (app.push(client_id="other").json or {})["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": f"{APP}/"}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"dpop_jkt": "x"}, "invalid_request"),
    ],
)
def test_mistakes_are_told_at_once(any_stage: Stage, changes: dict[str, str], error: str) -> None:
    """What the browser would be told, the client is told here, by no redirect. RFC 9126 2.3."""
    response = BrowserApp(any_stage).push(**changes)
    assert (response.status_code, (response.json or {})["error"]) == (400, error)
    assert "Location" not in response.headers


def test_a_pushed_request_uri_cannot_be_pushed_again(app: BrowserApp) -> None:
    """A name that we gave is refused like any other request_uri. PA-03, RFC 9126 2.1."""
    outer = app.pushed()
    assert (app.push(**outer).json or {})["error"] == "invalid_request"
    assert kept(app, outer["request_uri"])


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "request_uri", "x"])
def test_nothing_is_pushed_twice(any_stage: Stage, name: str) -> None:
    """A parameter that occurs twice is refused, even an empty one. RFC 6749 3.1, PA-03."""
    BrowserApp(any_stage)
    body = f"client_id=photos&response_type=code&{name}=photos&{name}="
    assert (any_stage.post(PATH, body).json or {})["error"] == "invalid_request"


def test_a_device_cannot_push(app: BrowserApp) -> None:
    """A client without the authorization code grant has nothing to push. PA-01."""
    assert (app.push(client_id="tv", redirect_uri="").json or {})["error"] == "invalid_request"
    device = BrowserApp(app.stage, "box", grant_types=(DEVICE_CODE,))
    assert (device.push().json or {})["error"] == "unauthorized_client"


def test_a_device_need_not_push(stage: Stage) -> None:
    """A client that must push its authorization requests starts a device as ever. PA-01."""
    app = BrowserApp(stage, grant_types=("authorization_code", DEVICE_CODE), pushed_only=True)
    answer = app.post("/device_authorization", {"scope": "profile"})
    assert (answer.status_code, "user_code" in (answer.json or {})) == (200, True)


def test_a_request_uri_means_nothing_to_devices(app: BrowserApp) -> None:
    """The device endpoint ignores a request_uri and asks for what stands beside it. PA-01."""
    app.stage.register("box", scopes=("openid", "profile"))
    pushed = app.pushed()["request_uri"]
    codes = app.stage.start(client_id="box", scope="openid", request_uri=pushed)
    found = app.stage.server.ports.device_authorizations.find_by_device_code(
        digest(codes["device_code"])
    )
    assert found is not None
    assert found.scope == "openid"


# HTTP (RFC 9126 2.3)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_allowed(any_stage: Stage, method: str) -> None:
    """Another method is 405, and says which one is not. PA-02."""
    response = any_stage.http.open(PATH, method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_too_large_is_413(any_stage: Stage) -> None:
    """A body over 16 kB is 413 and leaves nothing. PA-02."""
    app = BrowserApp(any_stage)
    assert app.push(state="x" * 16384).status_code == 413
    assert app.push(state="x" * 12000).status_code == 201


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_only_a_form_is_a_request(any_stage: Stage, content_type: str) -> None:
    """A body of another kind is refused. RFC 9126 2.1."""
    response = any_stage.post(PATH, "client_id=photos", content_type=content_type)
    assert (response.status_code, (response.json or {})["error"]) == (400, "invalid_request")


def test_one_address_cannot_fill_the_store(any_stage: Stage) -> None:
    """Past 100 in ten minutes a public client is told 429 at that address, and when. PA-02."""
    app = BrowserApp(any_stage)
    assert [app.push().status_code for _ in range(101)] == [*[201] * 100, 429]
    assert app.push().headers["Retry-After"] == "600"
    any_stage.clock.advance(600)
    assert app.push().status_code == 201


def test_the_server_of_an_app_may_push_for_many(stage: Stage) -> None:
    """All people of a web application come from its one address. PA-02."""
    app = BrowserApp(stage, confidential=True)
    assert {app.push().status_code for _ in range(150)} == {201}


def test_a_refused_request_counts_for_nothing(app: BrowserApp) -> None:
    """What was not kept fills nothing. PA-02."""
    for _ in range(150):
        app.push(scope="admin")
    assert app.push().status_code == 201


def test_a_challenge_is_kept(app: BrowserApp) -> None:
    """The challenge of the pushed request is the one that the code is bound to. PA-03, AC-04."""
    found = app.request(**app.pushed())
    assert found.code_challenge == CHALLENGE
