"""A 32-bit board over TLS 1.2: a whole life, and the certificates that it does not believe."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.device.board import Board
from tests.device_client.certificates import Authority
from tests.device_client.faults.network import Network, open_network
from tests.device_client.small_board import SIGNED_IN, small_board

HEAP = 32 * 1024  # mbedtls itself is outside the heap of this port


@pytest.fixture(scope="module")
def board(micropython: Path, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """Return a board with the compiled client and a program that uses it."""
    return small_board(micropython, tmp_path_factory.mktemp("flash"))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return the authority that the board trusts."""
    return Authority(tmp_path)


@pytest.fixture(scope="module")
def running_secure_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Serve under an https URL."""
    with open_network(tmp_path_factory.mktemp("tls"), secure=True) as network:
        yield network


@pytest.fixture
def secure(running_secure_network: Network) -> Network:
    """Give a server that answers over TLS 1.2, once it is given a certificate."""
    running_secure_network.begin()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    running_secure_network.proxy.context = context
    return running_secure_network


LIFE_OVER_TLS = """
import board_life
from device_client.trust import tls_context
board_life.live({issuer!r}, {path!r}, 0, tls_context({ca_file!r}))
"""


def test_life_over_tls(board: Board, secure: Network, authority: Authority, tmp_path: Path) -> None:
    """The same life over TLS 1.2, checked against a given authority. CL-09."""
    assert secure.proxy.context
    secure.proxy.context.load_cert_chain(authority.certificate())
    code = LIFE_OVER_TLS.format(
        issuer=secure.proxy.url, path=str(tmp_path / "tokens"), ca_file=str(authority.file)
    )
    printed = board.run(code, HEAP)
    assert printed
    assert printed.splitlines()[-4:] == [*SIGNED_IN, *SIGNED_IN]


ONE_REQUEST = """
from device_client.run import fetch
from device_client.trust import tls_context
try:
    print(fetch({url!r}, context=tls_context({ca_file!r}))[0])
except (OSError, ValueError):
    print("refused")
"""


@pytest.mark.parametrize(
    ("kind", "printed"),
    [
        ({}, "200\n"),
        ({"host": "elsewhere.example"}, "refused\n"),
        ({"first": -9, "last": -1}, "refused\n"),
        ({"first": 1, "last": 9}, "refused\n"),
        (None, "refused\n"),
    ],
    ids=["good", "wrong host", "expired", "of the future", "self-signed"],
)
def test_certificate(
    board: Board,
    secure: Network,
    authority: Authority,
    kind: dict[str, int | str] | None,
    printed: str,
) -> None:
    """Only a certificate of the authority, for the host and for today, is good. CL-09.

    MicroPython on Unix has the computer's clock. A board whose clock is unset sees every
    certificate as one of the future, so it refuses the right server too, and never a wrong one
    less.
    """
    assert secure.proxy.context
    secure.proxy.context.load_cert_chain(
        authority.self_signed() if kind is None else authority.certificate(**kind)  # type: ignore[arg-type]
    )
    url = secure.proxy.url + "/.well-known/openid-configuration"
    assert board.run(ONE_REQUEST.format(url=url, ca_file=str(authority.file)), HEAP) == printed
