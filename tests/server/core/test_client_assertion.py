"""Client authentication by a signed assertion."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.storage.cleaning import clean
from tests.server.played_client import JWT_BEARER, PlayedClient, jwks, new_key, told
from tests.server.proving_device import ISSUER, sign
from tests.server.stage import Stage

GRANTS = ("client_credentials",)
REFUSED = (400, "invalid_client")


@pytest.fixture
def signer(stage: Stage) -> PlayedClient:
    """Give a client that has a key."""
    return PlayedClient(stage, "private_key_jwt", client_id="api", grant_types=GRANTS)


def ask(client: PlayedClient, assertion: str, **form: str) -> TestResponse:
    """Ask for a token with an assertion, and with its type unless that is given."""
    asked = {
        "grant_type": "client_credentials",
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion,
    }
    return client.stage.post("/token", {**asked, **form})


@pytest.mark.parametrize(
    "audience",
    [ISSUER, f"{ISSUER}/token", [ISSUER], [f"{ISSUER}/token", ISSUER]],
)
def test_an_assertion_for_us_is_good(signer: PlayedClient, audience: str | list[str]) -> None:
    """Its audience is the issuer or the token endpoint. RFC 7523 3."""
    assert ask(signer, signer.assertion(aud=audience)).status_code == 200


@pytest.mark.parametrize(("aimed_at", "status"), [("/introspect", 200), ("/revoke", 401)])
def test_it_may_be_for_the_endpoint_that_is_called(
    signer: PlayedClient, aimed_at: str, status: int
) -> None:
    """Its audience may be the address it is sent to, and no other endpoint's. RFC 9126 2."""
    assertion = signer.assertion(aud=ISSUER + aimed_at)
    form = {"token": "x", "client_assertion_type": JWT_BEARER, "client_assertion": assertion}
    assert signer.stage.post("/introspect", form).status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": None},
        {"iss": "tv"},
        {"iss": 1},
        {"sub": None},
        {"sub": "tv"},
        {"sub": ["api"]},
        {"aud": None},
        {"aud": []},
        {"aud": {}},
        {"aud": "https://other.example"},
        {"aud": f"{ISSUER}/"},
        {"aud": f"{ISSUER}.evil.example"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": "now"},
        {"nbf": 10**12},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 257},
    ],
    ids=str,
)
def test_every_claim_counts(signer: PlayedClient, wrong: dict[str, Any]) -> None:
    """An assertion with one claim missing or wrong is invalid_client. RFC 7523 3."""
    assert told(ask(signer, signer.assertion(**wrong))) == REFUSED
    assert told(ask(signer, signer.assertion(**wrong), client_id="api")) == REFUSED


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400), (-59, 200), (-60, 400)])
def test_clocks_may_differ_by_a_minute(signer: PlayedClient, seconds: int, status: int) -> None:
    """An assertion ends a minute late, and begins a minute early. RFC 7523 3."""
    now = int(signer.stage.clock())
    times: dict[str, Any] = {"exp": now - seconds} if seconds > 0 else {"nbf": now - seconds + 1}
    assert ask(signer, signer.assertion(**times)).status_code == status


@pytest.mark.parametrize(("lifetime", "status"), [(3660, 200), (3661, 400), (86400, 400)])
def test_an_assertion_is_good_for_an_hour_at_most(
    signer: PlayedClient, lifetime: int, status: int
) -> None:
    """One that is good for longer would have to be remembered for longer. RFC 7523 3."""
    expires_at = int(signer.stage.clock()) + lifetime
    assert ask(signer, signer.assertion(exp=expires_at)).status_code == status


def test_an_assertion_is_used_once(signer: PlayedClient) -> None:
    """A replayed jti is refused for as long as the assertion could be good. RFC 7523 3."""
    assertion = signer.assertion()
    assert ask(signer, assertion).status_code == 200
    application, clock = signer.stage.application, signer.stage.clock
    for _ in range(4):
        clean(application.database, application.server.settings, clock())
        assert told(ask(signer, assertion)) == REFUSED
        clock.advance(39)
    fresh = signer.assertion(jti="once")
    assert ask(signer, fresh).status_code == 200
    assert told(ask(signer, signer.assertion(jti="once"))) == REFUSED


def test_a_replay_elsewhere_is_a_replay(signer: PlayedClient) -> None:
    """What was used at one endpoint is no good at another. RFC 7523 3."""
    assertion = signer.assertion()
    assert ask(signer, assertion).status_code == 200
    form = {"client_assertion_type": JWT_BEARER, "client_assertion": assertion, "token": "x"}
    assert told(signer.stage.post("/revoke", form)) == REFUSED


def test_two_clients_may_choose_the_same_jti(signer: PlayedClient) -> None:
    """A jti is its client's own: nobody can use up another's. RFC 7519 4.1.7."""
    other = PlayedClient(signer.stage, "private_key_jwt", client_id="other", grant_types=GRANTS)
    assert ask(signer, signer.assertion(jti="1")).status_code == 200
    assert ask(other, other.assertion(jti="1")).status_code == 200


def test_another_clients_key_proves_nothing(signer: PlayedClient) -> None:
    """An assertion in one name with the key of another is invalid_client. RFC 7523 3."""
    other = PlayedClient(signer.stage, "private_key_jwt", client_id="other", grant_types=GRANTS)
    forged = other.assertion(iss="api", sub="api")
    assert told(ask(signer, forged)) == REFUSED
    assert told(ask(signer, forged, client_id="other")) == REFUSED
    assert told(ask(signer, other.assertion(), client_id="api")) == REFUSED


@pytest.mark.parametrize("client_id", ["tv", "box"])
def test_a_client_without_keys_cannot_sign(signer: PlayedClient, client_id: str) -> None:
    """A public client, or one with a secret, has no key to be known by. RFC 7523 3."""
    signer.stage.register("box", confidential=True)
    assert told(ask(signer, signer.assertion(iss=client_id, sub=client_id))) == REFUSED


def test_any_of_a_clients_keys_will_do(stage: Stage) -> None:
    """Keys are changed one after the other: old and new are good at once. RFC 7517 5."""
    client = PlayedClient(stage, "private_key_jwt", client_id="first")
    old, new = new_key(), new_key("RS256")
    stage.register("two", grant_types=GRANTS, jwks=jwks(old, new))
    for key, algorithm in ((old, "ES256"), (new, "RS256")):
        claims = {"iss": "two", "sub": "two", "aud": ISSUER, "exp": stage.clock() + 60}
        assertion = sign({"alg": algorithm}, {**claims, "jti": algorithm}, key)
        assert ask(client, assertion).status_code == 200


@pytest.mark.parametrize(
    "assertion",
    ["x", "a.b.c", "..", "e30.e30.", "e30.W10.", "e30.bnVsbA.", "\N{KEY}.\N{KEY}.", "." * 9000],
)
def test_what_is_no_assertion_is_refused(signer: PlayedClient, assertion: str) -> None:
    """Anything but a JWT is invalid_client, and breaks nothing. RFC 7523 3."""
    assert told(ask(signer, assertion)) == REFUSED
    assert told(ask(signer, assertion, client_id="api")) == REFUSED


def test_an_unsigned_or_changed_assertion_is_refused(signer: PlayedClient) -> None:
    """No signature, a wrong one, and one of other claims are all invalid_client. MD-05."""
    header, claims, signature = signer.assertion().split(".")
    none = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    other = signer.assertion(jti="other").split(".")[1]
    for forged in (
        f"{none}.{claims}.",
        f"{header}.{claims}.",
        f"{header}.{claims}.{signature[:-2]}",
        f"{header}.{other}.{signature}",
    ):
        assert told(ask(signer, forged)) == REFUSED
    assert ask(signer, f"{header}.{claims}.{signature}").status_code == 200


@pytest.mark.parametrize("kind", ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"])
def test_the_type_of_an_assertion_is_named(signer: PlayedClient, kind: str) -> None:
    """Without its type, or with another, an assertion is refused. RFC 7521 4.2."""
    assert told(ask(signer, signer.assertion(), client_assertion_type=kind)) == REFUSED
