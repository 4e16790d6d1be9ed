"""Proofs of possession: what is not a proof for this request."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from server.app import build
from server.config import make
from tests.fakes import FakeClock
from tests.server.proving_device import ISSUER, ProvingDevice, error_of, sign
from tests.server.stage import DOORS, Stage

PATH = "/device_authorization"
OTHER_KEY = ECKey.generate_key("P-256")
SECRET_KEY = OctKey.generate_key(256)
with pytest.warns(SecurityWarning):
    SHORT_KEY = RSAKey.generate_key(1024)


@pytest.fixture
def device(stage: Stage) -> ProvingDevice:
    """Give a device with a key."""
    return ProvingDevice(stage)


@pytest.mark.parametrize(
    "htu",
    [
        ISSUER + PATH,
        ISSUER + PATH + "?a=b",
        ISSUER + PATH + "#fragment",
        "HTTP://LOCALHOST:8628" + PATH,
    ],
)
def test_a_proof_for_the_request_passes(device: ProvingDevice, htu: str) -> None:
    """Query and fragment do not count, nor does the case of scheme and host. DP-02."""
    assert device.post(PATH, {}, htu=htu).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": None},
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": ["POST"]},
        {"htu": None},
        {"htu": 1},
        {"htu": ""},
        {"htu": PATH},
        {"htu": "http://[" + PATH},
        {"htu": "http://localhost:x" + PATH},
        {"htu": "http://example.com:8628" + PATH},
        {"htu": "http://localhost.example.com:8628" + PATH},
        {"htu": "http://localhost:8629" + PATH},
        {"htu": "http://localhost" + PATH},
        {"htu": "https://localhost:8628" + PATH},
        {"htu": ISSUER + "/token"},
        {"htu": ISSUER + "/Device_Authorization"},
        {"htu": ISSUER + PATH + "/"},
        {"htu": ISSUER},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": float("nan")},
        {"iat": float("inf")},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"jti": "x" * 129},
    ],
)
def test_each_wrong_claim_is_refused(device: ProvingDevice, changes: dict[str, Any]) -> None:
    """A proof for another request, or one that lacks a claim, is invalid_dpop_proof. DP-02."""
    assert error_of(device.post(PATH, {}, **changes)) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"jwk": None},
        {"jwk": "key"},
        {"jwk": {}},
        {"jwk": {"kty": "EC"}},
        {"jwk": OTHER_KEY.as_dict(private=False)},
        {"jwk": SECRET_KEY.as_dict(private=True)},
        {"crit": ["x"], "x": 1},
        {"crit": 1},
    ],
)
def test_each_wrong_header_is_refused(device: ProvingDevice, header: dict[str, Any]) -> None:
    """Another kind of token, no key or one that did not sign is invalid_dpop_proof. DP-02."""
    assert error_of(device.post(PATH, {}, header=header)) == "invalid_dpop_proof"


def test_a_proof_with_a_private_key_is_refused(device: ProvingDevice) -> None:
    """Whoever sends the private key has given it away. DP-02."""
    header = {"jwk": device.key.as_dict(private=True)}
    assert error_of(device.post(PATH, {}, header=header)) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    ("algorithm", "key"), [("none", SECRET_KEY), ("HS256", SECRET_KEY), ("RS256", SHORT_KEY)]
)
def test_a_signature_that_others_can_make_is_refused(
    device: ProvingDevice, algorithm: str, key: Any
) -> None:
    """No signature, a secret that is sent along and a short key prove nothing. DP-02, JW-02."""
    header = {"alg": algorithm, "typ": "dpop+jwt", "jwk": key.as_dict(private=algorithm == "HS256")}
    claims = {"htm": "POST", "htu": ISSUER + PATH, "iat": int(device.stage.clock()), "jti": "1"}
    assert error_of(_send(device, sign(header, claims, key))) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "proof", ["", "x", "x.y.z", "..", "a" * 5000, "e30.e30.e30", "\xe9.\xe9.x"]
)
def test_what_is_no_proof_is_refused(device: ProvingDevice, proof: str) -> None:
    """Anything but one signed proof is invalid_dpop_proof. DP-02."""
    assert error_of(_send(device, proof)) == "invalid_dpop_proof"


def test_two_proofs_are_none(device: ProvingDevice) -> None:
    """One request carries one proof. RFC 9449 4.3."""
    two = f"{device.proof(PATH)}, {device.proof(PATH)}"
    assert error_of(_send(device, two)) == "invalid_dpop_proof"


def test_a_changed_signature_is_refused(device: ProvingDevice) -> None:
    """A proof of which one character was changed is invalid_dpop_proof. DP-02."""
    head, claims, signature = device.proof(PATH).split(".")
    changed = ("B" if signature[0] == "A" else "A") + signature[1:]
    assert error_of(_send(device, f"{head}.{claims}.{changed}")) == "invalid_dpop_proof"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://as.example", 200),
        ("https://AS.EXAMPLE:443", 200),
        ("https://as.example:8443", 400),
        ("http://as.example", 400),
        ("http://as.example:443", 400),
    ],
)
def test_an_issuer_may_have_a_path_and_no_port(
    tmp_path: Path, clock: FakeClock, door: str, origin: str, status: int
) -> None:
    """The proof is for the issuer's address, its path included, whatever Host says. DP-02."""
    database = f"sqlite:///{tmp_path}/base.db"
    with closing(build(make(database=database, issuer="https://as.example/base"), clock)) as whole:
        device = ProvingDevice(Stage(whole, clock, door))
        assert device.post("/base" + PATH, {}, htu=f"{origin}/base{PATH}").status_code == status
        assert device.post("/base" + PATH, {}, htu=origin + PATH).status_code == 400


def _send(device: ProvingDevice, proof: str) -> Any:
    return device.stage.post(PATH, {"client_id": device.client_id}, {"DPoP": proof})
