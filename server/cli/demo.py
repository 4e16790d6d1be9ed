"""`pairlight demo`: the whole thing on one screen, with nothing to set up."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import click

from server.app import build
from server.cli import demo_api
from server.cli.serve import check_port
from server.config import PREFIX, load
from server.config_checks import ConfigError
from server.core.user_code import ALPHABET

_CLIENT_ID = "demo-tv"
_USERNAME = "demo"
_START_TIMEOUT = 20.0  # seconds
_STOP_TIMEOUT = 10.0  # seconds

# Signed in, denied, out of time: whatever the person decided, the demo has shown it.
_SHOWN = (0, 3, 4)
_INTERRUPTED = 130


@click.command()
@click.option("--lan", is_flag=True, help="Let phones and boards in this network take part.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8628,
    show_default=True,
    help="The port to listen on.",
)
def demo(lan: bool, port: int) -> None:
    """Start a portal and sign a device in to it, here and now.

    Everything is kept in a temporary directory and gone afterwards.
    """
    for deadly in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(deadly, lambda number, _: sys.exit(128 + number))  # so that we tidy up
    try:
        with tempfile.TemporaryDirectory(prefix="pairlight-demo-") as directory:
            status = _play(Path(directory), lan, port)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    if status == _INTERRUPTED:
        click.echo("\nStopped. Nothing is kept.")
    sys.exit(0 if status in _SHOWN else status)


def _play(directory: Path, lan: bool, port: int) -> int:
    """Run portal and device; return the device's exit status."""
    environ = _environ(directory, _lan_address() if lan else None, port)
    issuer = environ["PAIRLIGHT_ISSUER"]
    password = _set_up(environ)
    with _portal(environ, directory / "portal.log"), _api(issuer, lan) as protected:
        click.echo(f"The portal runs at {issuer}. This terminal is the device.")
        click.echo(f"Sign in there as {_USERNAME} with the password {password}")
        click.echo(f"A TV's screen to try as well: {issuer}/tv")
        if lan:
            click.echo(f"Other devices here sign in with --client-id {_CLIENT_ID}.")
        click.echo()
        return _run_device(_device(issuer, directory, protected, lan))


def _api(issuer: str, lan: bool) -> AbstractContextManager[str]:
    """Have something that only a signed-in device may see; yield its URL.

    An API takes no keys that came by plain http from another machine, as they would with `--lan`.
    """
    return contextlib.nullcontext(f"{issuer}/userinfo") if lan else demo_api.running(issuer)


def _environ(directory: Path, address: str | None, port: int) -> dict[str, str]:
    """Return an environment that configures the demo and nothing of the operator's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {
        **own,
        "PAIRLIGHT_ISSUER": f"http://{address or 'localhost'}:{port}",
        "PAIRLIGHT_HOST": address or "127.0.0.1",
        "PAIRLIGHT_PORT": str(port),
        "PAIRLIGHT_ALLOW_PLAIN_HTTP": "true" if address else "false",
        "PAIRLIGHT_TV_PAGE": _CLIENT_ID,
        "PAIRLIGHT_DATABASE": f"sqlite:///{directory / 'pairlight.db'}",
    }


def _set_up(environ: Mapping[str, str]) -> str:
    """Make the demo's client and user; return the password."""
    config = load(environ=environ)
    check_port(config, "stop what listens there, or choose another port with --port")
    application = build(config)
    password = "-".join(
        "".join(secrets.choice(ALPHABET.lower()) for _ in range(4)) for _ in range(3)
    )
    application.server.register_account(_USERNAME, "Demo", password)
    grant_types = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]
    application.server.register_client(_CLIENT_ID, "Demo TV", grant_types, ["profile"])
    application.close()
    return password


@contextlib.contextmanager
def _portal(environ: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run `pairlight serve` in the background until the block ends."""
    command = [sys.executable, "-m", "server.cli", "serve"]
    with log.open("wb") as output:
        # Ctrl-C goes to all processes of a terminal; in a session of its own the portal hears of
        # its end once, from us.
        process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        address = (environ["PAIRLIGHT_HOST"], int(environ["PAIRLIGHT_PORT"]))
        _wait_for(address, process, log)
        yield
    finally:
        _hear_no_more()
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _run_device(command: list[str]) -> int:
    """Run the device to its end; return its exit status."""
    with subprocess.Popen(command) as process:
        try:
            return process.wait()
        except SystemExit:
            process.send_signal(signal.SIGINT)  # after Ctrl-C it has had that from the terminal
            raise
        finally:
            _hear_no_more()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_TIMEOUT)  # it puts the terminal in order
            process.kill()


def _hear_no_more() -> None:
    """Let nothing interrupt the tidying up: it is short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _wait_for(address: tuple[str, int], process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < give_up_at and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=2):
            return
        time.sleep(0.05)
    lines = log.read_text().splitlines() or ["it said nothing"]
    raise ConfigError(f"the portal did not start: {lines[-1]}", "try `pairlight serve` by itself")


def _device(issuer: str, directory: Path, protected: str, lan: bool) -> list[str]:
    command = [sys.executable, "-m", "device_client", "--issuer", issuer]
    command += ["--client-id", _CLIENT_ID, "--token-file", str(directory / "tokens.json")]
    command += ["--call", protected]
    return [*command, "--allow-plain-http"] if lan else command


def _lan_address() -> str:
    """Return this machine's address in its network. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737)
        except OSError:
            raise ConfigError("this machine is in no network", "leave out --lan") from None
        return str(probe.getsockname()[0])
