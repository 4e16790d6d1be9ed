"""`pairlight serve`: the portal and the machine endpoints, on a real HTTP server."""

import os
import socket

import click

from server import serving
from server.app import build
from server.config import Config, load
from server.config_checks import ConfigError, warnings


@click.command()
@click.option(
    "--http-server",
    type=click.Choice(serving.NAMES),
    help="The HTTP server to run on; by default the fastest that works here.",
)
def serve(http_server: str | None) -> None:
    """Run the portal and the token endpoint."""
    config = load()
    check_port(config)
    build(config).close()  # a bad start is said here, in one line, not by a worker
    name = http_server or serving.default()
    click.echo(f"Pairlight serves {config.issuer} from {config.host}:{config.port} ({name})")
    for warning in warnings(config):
        click.echo(f"Warning: {warning}", err=True)
    serving.run(name, config)


def check_port(
    config: Config,
    hint: str = "stop what listens there, or choose another port with PAIRLIGHT_PORT",
) -> None:
    """See whether we can listen where we are to. Raises ConfigError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        told = os.strerror(number) if number and number > 0 else "there is no such address"
        raise ConfigError(f"cannot listen on {config.host}:{config.port}: {told}", hint) from None
