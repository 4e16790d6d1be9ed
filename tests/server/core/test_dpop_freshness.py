"""Proofs of possession: fresh by time or by nonce, and used once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import Client

from server.app import build
from server.config import make
from server.storage.cleaning import clean
from tests.fakes import FakeClock
from tests.server.proving_device import ProvingDevice, error_of
from tests.server.stage import Stage

THREADS = 16
PATH = "/device_authorization"


@pytest.fixture
def device(stage: Stage) -> ProvingDevice:
    """Give a device with a key."""
    return ProvingDevice(stage)


@pytest.mark.parametrize("off_by", [-60, 60])
def test_a_clock_may_differ_by_a_minute(device: ProvingDevice, off_by: int) -> None:
    """A proof from about now needs no nonce. DP-02, DP-05."""
    device.clock_is_off_by = off_by
    assert device.post(PATH, {}).status_code == 200


@pytest.mark.parametrize("iat", [0, -1, 1_799_999_939, 1_800_000_061, 10**400, 1e308])
def test_a_device_without_a_clock_is_told_a_nonce(device: ProvingDevice, iat: float) -> None:
    """400 use_dpop_nonce brings a nonce, and a proof with it passes whatever it tells. DP-05."""
    refused = device.post(PATH, {}, iat=iat)
    assert (refused.status_code, error_of(refused)) == (400, "use_dpop_nonce")
    device.nonce = refused.headers["DPoP-Nonce"]
    assert device.post(PATH, {}, iat=iat).status_code == 200


@pytest.mark.parametrize("nonce", ["", "x", "é" * 22, "\ud800", 1, ["x"]])
def test_a_nonce_of_somebody_else_is_refused(device: ProvingDevice, nonce: Any) -> None:
    """A wrong nonce is use_dpop_nonce even when the time is right. DP-05."""
    assert error_of(device.post(PATH, {}, nonce=nonce)) == "use_dpop_nonce"


def test_old_nonces_die(device: ProvingDevice) -> None:
    """A nonce is good for five minutes at least and ten at most. DP-05."""
    device.nonce = device.post(PATH, {}, iat=0).headers["DPoP-Nonce"]
    device.stage.clock.advance(300)
    assert device.post(PATH, {}, iat=0).status_code == 200
    device.stage.clock.advance(300)
    refused = device.post(PATH, {}, iat=0)
    assert error_of(refused) == "use_dpop_nonce"
    assert refused.headers["DPoP-Nonce"] != device.nonce


def test_a_server_whose_clock_starts_at_zero_has_nonces(device: ProvingDevice) -> None:
    """A server that was not told the time yet serves devices that were not either. DP-05."""
    device.stage.clock.now = 0
    device.nonce = device.post(PATH, {}, iat=600).headers["DPoP-Nonce"]
    assert device.post(PATH, {}, iat=600).status_code == 200


def test_a_proof_is_used_once(device: ProvingDevice) -> None:
    """A proof that comes again is invalid_dpop_proof. DP-02."""
    proof = device.proof(PATH)
    assert _send(device, proof).status_code == 200
    assert error_of(_send(device, proof)) == "invalid_dpop_proof"


def test_a_proof_with_a_nonce_is_used_once_in_all_its_life(device: ProvingDevice) -> None:
    """A proof that a nonce keeps fresh is remembered as long as that. DP-02, DP-05."""
    device.nonce = device.post(PATH, {}, iat=0).headers["DPoP-Nonce"]
    proof = device.proof(PATH)
    assert _send(device, proof).status_code == 200
    device.stage.clock.advance(599)
    clean(device.stage.application.database, device.stage.server.settings, device.stage.clock())
    assert error_of(_send(device, proof)) == "invalid_dpop_proof"


def test_two_devices_may_choose_the_same_jti(device: ProvingDevice) -> None:
    """What one key has used is not used by another. DP-02."""
    assert device.post(PATH, {}, jti="1").status_code == 200
    assert ProvingDevice(device.stage).post(PATH, {}, jti="1").status_code == 200


def test_of_many_at_once_one_passes(device: ProvingDevice) -> None:
    """Of 16 threads that send one proof at once exactly one is served. DP-02."""
    proof, start = device.proof(PATH), Barrier(THREADS)

    def send(_: int) -> int:
        start.wait()
        return int(_send(device, proof).status_code)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(send, range(THREADS))) == [200] + [400] * (THREADS - 1)


@pytest.fixture
def other_process(stage: Stage, tmp_path: Path, clock: FakeClock) -> Iterator[Client]:
    """Give a second server over the same database and secret."""
    application = build(make(database=f"sqlite:///{tmp_path}/pairlight.db"), clock)
    yield Client(application.wsgi)
    application.close()


def test_processes_share_nonces_and_what_was_used(
    device: ProvingDevice, other_process: Client
) -> None:
    """One process's nonce is good at the other, where a used proof is refused. DP-02, DP-05."""
    device.nonce = device.post(PATH, {}, iat=0).headers["DPoP-Nonce"]
    proof = device.proof(PATH, iat=0)
    form, headers = {"client_id": device.client_id}, {"DPoP": proof}
    assert other_process.post(PATH, data=form, headers=headers).status_code == 200
    assert error_of(_send(device, proof)) == "invalid_dpop_proof"


def _send(device: ProvingDevice, proof: str) -> Any:
    return device.stage.post(PATH, {"client_id": device.client_id}, {"DPoP": proof})


def test_proofs_of_one_address_are_bounded(
    device: ProvingDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each proof is remembered for a while, so nobody may send any number of them. DP-02."""
    limits = device.stage.server.limits
    monkeypatch.setattr(limits, "proofs", limits.proofs._replace(amount=2))
    assert [device.post(PATH, {}).status_code for _ in range(3)] == [200, 200, 429]
