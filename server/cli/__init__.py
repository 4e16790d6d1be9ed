"""The `pairlight` command: one file for each group of subcommands.

Whatever an operator can do wrong is one line with a hint and exit status 2.
"""

import os
from pathlib import Path
from typing import Any, NoReturn

import click

from server import logs
from server.cli.client import client
from server.cli.demo import demo
from server.cli.device import device
from server.cli.keys import keys
from server.cli.serve import serve
from server.cli.user import user
from server.config_checks import ConfigError
from server.core.ports import StoreUnavailable
from server.core.registration import RegistrationError


class _Main(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, RegistrationError) as error:
            _fail(ctx, f"{error} ({error.hint})")
        except StoreUnavailable as error:
            _fail(ctx, f"the database failed: {error} (try again in a moment)")


def _fail(ctx: click.Context, told: str) -> NoReturn:
    click.echo(f"pairlight: {' '.join(told.split())}", err=True)
    ctx.exit(2)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pairlight")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Configuration file (TOML). Also PAIRLIGHT_CONFIG.",
)
def main(config_path: Path | None) -> None:
    """Sign in devices that have no keyboard."""
    if config_path:
        # Through the environment, so that worker processes read the same file.
        os.environ["PAIRLIGHT_CONFIG"] = str(config_path.absolute())
    logs.configure()


main.add_command(serve)
main.add_command(demo)
main.add_command(user)
main.add_command(client)
main.add_command(keys)
main.add_command(device)
