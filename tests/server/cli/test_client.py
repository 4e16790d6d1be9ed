"""`pairlight client`."""

import pytest

from server.core.authorization_server import DEVICE_CODE
from server.core.records import Client
from server.core.tokens import digest
from tests.server.cli.conftest import Run, opened


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
        (["!!!"], "'' cannot be a client_id (use"),
        (["x" * 101], "'" + "x" * 101 + "' cannot be a client_id (use"),
        (["TV", "--scope", "admin"], "unknown scope: admin (known are profile;"),
        (["TV\x1b", "--id", "tv"], "the name must have 1 to 100 printable characters (got"),
    ],
)
def test_a_bad_client_is_refused(run: Run, arguments: list[str], message: str) -> None:
    """A taken or odd id, an unknown scope or an odd name is one line with a hint. TE-14."""
    run("client", "add", "The radio")
    result = run("client", "add", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith(f"pairlight: {message}")


def test_an_unknown_grant_is_refused(run: Run) -> None:
    """A grant that is not offered cannot be given. TE-11."""
    assert run("client", "add", "TV", "--grant", "password").exit_code == 2
