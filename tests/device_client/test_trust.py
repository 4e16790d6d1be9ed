"""Whom the device believes."""

import ssl
from pathlib import Path

import pytest

from device_client.trust import tls_context
from tests.device_client.conftest import OnBoard


def test_verified_by_default() -> None:
    """The certificate and the name are checked unless nobody asks. CL-09."""
    context = tls_context().ssl_context  # type: ignore[attr-defined]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_missing_file(tmp_path: Path) -> None:
    """A CA file that is not there is an error, not a default. CL-09."""
    with pytest.raises(FileNotFoundError):
        tls_context(str(tmp_path / "none.pem"))


def test_a_board_needs_a_file(on_board: OnBoard) -> None:
    """MicroPython brings no authorities, so without a file there is no TLS. CL-09."""
    code = """
from device_client.trust import tls_context
try:
    tls_context()
except ValueError as error:
    print(error)
"""
    assert "name a CA file" in on_board(code)
