"""`pairlight client`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.core.authorization_server import DEVICE_CODE
from server.core.records import Client
from server.core.tokens import digest
from tests.server.cli.conftest import Run, opened
from tests.server.played_client import jwks, new_key

KEY = new_key()


def registered(client_id: str) -> Client | None:
    """Return a client from the store."""
    with opened() as application:
        return application.server.ports.clients.find(client_id)


def test_a_client_is_for_devices(run: Run) -> None:
    """With nothing but a name, it is a public client for devices. TE-14."""
    result = run("client", "add", "Living Room TV!")
    client = registered("living-room-tv")
    assert (result.exit_code, result.stdout) == (0, "client_id      living-room-tv\n")
    assert client
    assert client[1:5] == (
        "Living Room TV!",
        None,
        f"{DEVICE_CODE} refresh_token",
        "profile",
    )


def test_its_grants_and_id_can_be_chosen(run: Run) -> None:
    """A client that may not refresh has only the device grant, once. TE-14."""
    run("client", "add", "TV", "--id", "tv.1", "--grant", "device", "--grant", "device")
    client = registered("tv.1")
    assert client
    assert client.grant_types == DEVICE_CODE


def test_a_secret_is_shown_once(run: Run) -> None:
    """A confidential client's secret is printed, and only its digest is kept. COD-04."""
    secret = run("client", "add", "TV", "--confidential").stdout.split()[3]
    client = registered("tv")
    assert client
    assert client.secret_digest == digest(secret)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["The radio"], "there is a client the-radio already (choose another --id)"),
        (["TV", "--id", "a b"], "'a b' cannot be a client_id (use"),
        (["Фильм"], "no client_id can be made from this name (give one with --id)"),
        ([" "], "the name is empty (people"),
        (["", "--id", "tv"], "the name must have 1 to 100 printable characters (got"),
        (["x" * 101], "'" + "x" * 101 + "' cannot be a client_id (use"),
        (["TV", "--scope", "admin"], "unknown scope: admin (known are openid, profile,"),
        (["TV\x1b", "--id", "tv"], "the name must have 1 to 100 printable characters (got"),
    ],
)
def test_a_bad_client_is_refused(run: Run, arguments: list[str], message: str) -> None:
    """A taken or odd id, an unknown scope or an odd name is one line with a hint. TE-14."""
    run("client", "add", "The radio")
    result = run("client", "add", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith(f"pairlight: {message}")


@pytest.mark.parametrize("grant", ["magic", "authorization_code"])
def test_an_unknown_grant_is_refused(run: Run, grant: str) -> None:
    """A grant that is not offered cannot be given. TE-11."""
    assert run("client", "add", "TV", "--grant", grant).exit_code == 2


BACK, HOME = "https://photos.example/back", "https://photos.example/"
CODE = ["--grant", "code", "--redirect-uri", BACK]
LAST_DAY = ["--password-until", "2100-01-01"]


def keys(text: str) -> str:
    """Write a file with keys and return its path."""
    Path("keys.json").write_text(text)
    return "keys.json"


def test_every_option_reaches_the_store(run: Run) -> None:
    """An application for browsers is kept as it was described. TE-14."""
    api = "http://localhost:8628"
    result = run(
        *("client", "add", "Photos", *CODE, "--redirect-uri", HOME, "--grant", "refresh"),
        *("--logout-redirect-uri", HOME, "--scope", "openid", "--scope", "email", "--serves", api),
        *("--id-token-alg", "ES256", "--dpop", "--pushed", "--confidential"),
    )
    found = registered("photos")
    assert (result.exit_code, result.stderr) == (0, "")
    assert found
    assert found.grant_types == "authorization_code refresh_token"
    assert found.scope == "openid email"
    assert (found.redirect_uris, found.logout_redirect_uris) == (f"{BACK} {HOME}", HOME)
    assert (found.serves, found.id_token_alg) == (api, "ES256")
    assert found.dpop_bound
    assert found.pushed_only
    assert not found.return_code
    assert found.password_until is None


def test_a_return_code_reaches_the_store(run: Run) -> None:
    """A client is asked for return codes when its operator says so, and is told to be. XD-20."""
    result = run("client", "add", "The TV", "--return-code")
    found = registered("the-tv")
    assert "return_code    its devices ask" in result.stdout
    assert found
    assert found.return_code


def test_the_apis_it_may_ask_for_are_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each --resource that the configuration knows reaches the store. RFC 8707 2."""
    films, music = "https://films.example", "https://music.example"
    monkeypatch.setenv("PAIRLIGHT_RESOURCES", f"{films} {music}")
    result = run("client", "add", "TV", "--resource", films, "--resource", music)
    found = registered("tv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert found
    assert found.resources == f"{films} {music}"


def test_the_pages_that_it_is_are_kept(run: Run) -> None:
    """Each --origin reaches the store, and that any page can send `null` is warned of. TE-13."""
    page = "https://app.example"
    result = run("client", "add", "TV", "--origin", page, "--origin", "null")
    found = registered("tv")
    assert found
    assert found.origins == f"{page} null"
    assert result.stderr.startswith("pairlight: warning: --origin null: any web page can send")
    assert run("client", "add", "App", "--origin", page).stderr == ""


def test_keys_take_the_place_of_a_secret(run: Run) -> None:
    """Only public keys are kept, and no secret is made. RFC 7523 2.2."""
    result = run("client", "add", "API", "--grant", "client-credentials", "--jwks", keys(jwks(KEY)))
    found = registered("api")
    assert (result.exit_code, result.stdout) == (0, "client_id      api\n")
    assert found
    assert found.secret_digest is None
    assert json.loads(found.jwks or "")["keys"][0]["x"] == KEY.as_dict()["x"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"keys": []}',
        '{"keys": [{"kty": "oct", "k": "AA"}]}',
        json.dumps({"keys": [KEY.as_dict(private=True)]}),
    ],
    ids=["nothing", "no keys", "a list", "an empty list", "a secret key", "a private key"],
)
def test_keys_that_will_not_do_are_refused(run: Run, text: str) -> None:
    """Anything but public keys is one line with a hint, which shows no key. RFC 7517 5."""
    result = run("client", "add", "API", "--jwks", keys(text))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith("pairlight: cannot use the keys in keys.json: ")
    assert result.stderr.endswith("(make it a JWK set (RFC 7517 5))\n")
    assert str(KEY.as_dict(private=True)["d"]) not in result.stderr
    assert registered("api") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--grant", "code"], "this grant needs a redirect URI (give one with --redirect-uri"),
        ([*CODE[:3], "http://a.example"], "cannot send anybody to 'http://a.example' (it must be"),
        ([*CODE[:3], "a b"], "cannot send anybody to 'a b' (it must be plain ASCII"),
        (["--logout-redirect-uri", "x"], "cannot send anybody to 'x' (its scheme must be"),
        (
            ["--redirect-uri", BACK],
            "--redirect-uri does nothing with these grants (add --grant code",
        ),
        (
            [*CODE, "--return-code"],
            "--return-code does nothing with these grants (add --grant device",
        ),
        (["--grant", "refresh"], "--grant refresh alone gets no tokens (add another one"),
        (["--grant", "client-credentials"], "client credentials are for clients that can keep a"),
        ([*CODE, "--grant", "implicit"], "the implicit grant is deprecated and off (use --grant"),
        (["--grant", "password", *LAST_DAY], "the password grant is discouraged and off (use"),
        (LAST_DAY, "the password grant and its last day belong together (give both"),
        (["--serves", "films"], "no token is for the API 'films' (known are http://localhost:8628"),
        (["--resource", "films"], "no token is for the API 'films' (known are http://localhost"),
        (["--origin", "app.example"], "'app.example' is no page's origin (write it as browsers do"),
        (["--origin", "null", "--confidential"], "a web page cannot keep a secret (leave out"),
        (["--jwks", "nowhere.json"], "cannot read the keys in nowhere.json: No such file"),
    ],
)
def test_what_could_not_work_is_refused(run: Run, arguments: list[str], message: str) -> None:
    """Each mistake is one line with a hint, and nothing is added. TE-14, CC-01, RO-01."""
    result = run("client", "add", "Photos", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith(f"pairlight: {message}")
    assert registered("photos") is None


@pytest.mark.parametrize("option", ["--id-token-alg", "--password-until"])
def test_a_value_that_is_none_is_refused(run: Run, option: str) -> None:
    """An unknown algorithm, or what is no day, is told with the option's name. TE-14."""
    result = run("client", "add", "Photos", option, "none")
    assert result.exit_code == 2
    assert option in result.stderr


def test_a_discouraged_grant_comes_with_a_warning(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is switched on it is given, until its last second, and warned of. RO-01, IM-01."""
    monkeypatch.setenv("PAIRLIGHT_ALLOW_PASSWORD_GRANT", "true")
    monkeypatch.setenv("PAIRLIGHT_ALLOW_IMPLICIT", "true")
    grants = ["--grant", "password", "--grant", "implicit", "--redirect-uri", BACK]
    result = run("client", "add", "Old", *grants, *LAST_DAY)
    found = registered("old")
    assert found
    assert found.password_until == datetime(2100, 1, 2, tzinfo=UTC).timestamp()
    warned = [line.split(": ")[:3] for line in result.stderr.splitlines()]
    assert warned == [
        ["pairlight", "warning", "--grant implicit"],
        ["pairlight", "warning", "--grant password"],
    ]


@pytest.mark.parametrize("last_day", [[], ["--password-until", "2020-01-01"]])
def test_the_password_grant_needs_a_day_to_come(
    run: Run, monkeypatch: pytest.MonkeyPatch, last_day: list[str]
) -> None:
    """Without a last day, or after it, the grant is refused in one line. RO-01."""
    monkeypatch.setenv("PAIRLIGHT_ALLOW_PASSWORD_GRANT", "true")
    result = run("client", "add", "Old", "--grant", "password", *last_day)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "last day" in result.stderr
    assert "--password-until" in result.stderr
