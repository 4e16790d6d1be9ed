"""`pairlight client`: the applications that may ask for tokens."""

import re
from contextlib import closing

import click

from server.app import build
from server.config import load
from server.core.authorization_server import DEVICE_CODE

# Short names on the command line, RFC names in the registration.
_GRANT_TYPES = {"device": DEVICE_CODE, "refresh": "refresh_token"}


@click.group()
def client() -> None:
    """Manage the applications that may ask for tokens."""


@client.command()
@click.argument("name")
@click.option("--id", "client_id", help="The client_id. Default: made from the name.")
@click.option(
    "--grant",
    "grants",
    type=click.Choice(list(_GRANT_TYPES)),
    multiple=True,
    default=list(_GRANT_TYPES),
    show_default=True,
    help="A way to get tokens; repeat for several.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=["profile"],
    show_default=True,
    help="What it may ask for; repeat for several.",
)
@click.option("--confidential", is_flag=True, help="Give it a secret. Devices cannot keep one.")
def add(
    name: str,
    client_id: str | None,
    grants: tuple[str, ...],
    scopes: tuple[str, ...],
    confidential: bool,
) -> None:
    """Add an application; people see NAME when it asks."""
    application = build(load())
    with closing(application):
        registered, secret = application.server.register_client(
            client_id or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
            name,
            [_GRANT_TYPES[grant] for grant in dict.fromkeys(grants)],
            scopes,
            confidential=confidential,
        )
    click.echo(f"client_id      {registered.client_id}")
    if secret:
        click.echo(f"client_secret  {secret}\nThe secret is not kept and not shown again.")
