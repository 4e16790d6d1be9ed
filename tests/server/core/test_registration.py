"""Adding clients and people."""

import pytest

from server.core.authorization_server import DEVICE_CODE
from server.core.registration import RegistrationError
from tests.server.stage import Stage


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("bob", "short", "password must have 12"),
        ("bob", "x" * 1001, "password must have 12"),
        ("", "long enough password", "username must have 1"),
        ("a\nb", "long enough password", "username must have 1"),
        ("x" * 101, "long enough password", "username must have 1"),
        ("ada lovelace", "long enough password", "username must have no white space"),
        ("ada\N{IDEOGRAPHIC SPACE}l", "long enough password", "username must have no white space"),
        ("ADA", "long enough password", "there is a user ada already"),
    ],
)
def test_an_impossible_person_is_refused(
    stage: Stage, username: str, password: str, message: str
) -> None:
    """Short passwords, names nobody can print and names that are taken. LG-01."""
    with pytest.raises(RegistrationError, match=message):
        stage.server.register_account(username, "Bob", password)


@pytest.mark.parametrize(
    ("client_id", "name", "scopes", "message"),
    [
        ("", "TV", (), "cannot be a client_id"),
        ("a b", "TV", (), "cannot be a client_id"),
        ("tv2", "", (), "name must have 1"),
        ("tv2", "TV\u202e", (), "name must have 1"),
        ("tv2", "TV", ("admin",), "unknown scope: admin"),
        ("tv", "TV", (), "there is a client tv already"),
    ],
)
def test_an_impossible_client_is_refused(
    stage: Stage, client_id: str, name: str, scopes: tuple[str, ...], message: str
) -> None:
    """Ids and names that cannot be shown, scopes that do not exist, ids that are taken. 6749 2.2"""
    with pytest.raises(RegistrationError, match=message):
        stage.server.register_client(client_id, name, [DEVICE_CODE], scopes)


def test_a_public_client_has_no_secret_and_a_confidential_one_has(stage: Stage) -> None:
    """Secrets are made here, with 256 bits, and shown once. RFC 6749 2.3.1."""
    assert stage.register("public") is None
    assert len(stage.register("box", confidential=True) or "") == 43
