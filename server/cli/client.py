"""`pairlight client`: the applications that may ask for tokens."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from server.app import build
from server.config import load
from server.core import client_fields
from server.core.authorization_server import DEVICE_CODE
from server.core.origins import NULL
from server.core.registration import RegistrationError
from server.jwt_reader import public_jwks

# Short names on the command line, RFC names in the registration.
_GRANT_TYPES = {
    "device": DEVICE_CODE,
    "refresh": "refresh_token",
    "code": "authorization_code",
    "client-credentials": "client_credentials",
    "implicit": "implicit",
    "password": "password",
}

_DISCOURAGED = {
    "implicit": "its tokens travel in addresses; --grant code is as easy (RFC 9700 2.1.2)",
    "password": "it teaches people to type their password into applications (RFC 9700 2.4)",
}

_ANY_PAGE = "any web page can send that origin, so this client is open to all of them (docs/tv.md)"


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
    default=["device", "refresh"],
    show_default=True,
    help="A way to get tokens, replaces the default; repeat for several.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=["profile"],
    show_default=True,
    help="What it may ask for, replaces the default; repeat for several.",
)
@click.option("--confidential", is_flag=True, help="Give it a secret. Devices cannot keep one.")
@click.option(
    "--jwks",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with its public keys (JWK set), for private_key_jwt in place of a secret.",
)
@click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    help="Where --grant code may lead back to; repeat for several.",
)
@click.option(
    "--logout-redirect-uri",
    "logout_redirect_uris",
    multiple=True,
    help="Where signing out may lead back to; repeat for several.",
)
@click.option(
    "--serves",
    multiple=True,
    help="An API (the `aud` of its tokens) that this is, so that it may introspect them.",
)
@click.option(
    "--resource",
    "resources",
    multiple=True,
    help="A further API that it may ask tokens for; repeat for several.",
)
@click.option(
    "--id-token-alg",
    type=click.Choice(client_fields.ID_TOKEN_ALGORITHMS),
    default="RS256",
    show_default=True,
    help="What its ID tokens are signed with.",
)
@click.option("--dpop", "dpop_bound", is_flag=True, help="Give it only tokens bound to a key.")
@click.option(
    "--pushed", "pushed_only", is_flag=True, help="Take its authorization requests pushed only."
)
@click.option(
    "--password-until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day, in UTC, on which it may use --grant password.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="A web page elsewhere that this is, by its origin: https://app.example; or `null`, which "
    "any page can send. Repeat for several.",
)
@click.option(
    "--return-code",
    is_flag=True,
    help="Have its devices ask for a number that the phone shows after the approval.",
)
def add(
    name: str,
    client_id: str | None,
    grants: tuple[str, ...],
    scopes: tuple[str, ...],
    confidential: bool,
    jwks: Path | None,
    redirect_uris: tuple[str, ...],
    logout_redirect_uris: tuple[str, ...],
    serves: tuple[str, ...],
    resources: tuple[str, ...],
    id_token_alg: str,
    dpop_bound: bool,
    pushed_only: bool,
    password_until: datetime | None,
    origins: tuple[str, ...],
    return_code: bool,
) -> None:
    """Add an application; people see NAME when it asks."""
    client_id = client_id or _id_from(name)
    _check_grants(set(grants), redirect_uris, return_code=return_code)
    application = build(load())
    with closing(application):
        registered, secret = application.server.register_client(
            client_id,
            name,
            [_GRANT_TYPES[grant] for grant in dict.fromkeys(grants)],
            scopes,
            confidential=confidential,
            jwks=_keys(jwks) if jwks else None,
            redirect_uris=redirect_uris,
            logout_redirect_uris=logout_redirect_uris,
            serves=serves,
            resources=resources,
            id_token_alg=id_token_alg,
            dpop_bound=dpop_bound,
            pushed_only=pushed_only,
            password_until=_end_of(password_until) if password_until else None,
            origins=origins,
            return_code=return_code,
        )
    for grant in sorted(_DISCOURAGED.keys() & set(grants)):
        click.echo(f"pairlight: warning: --grant {grant}: {_DISCOURAGED[grant]}", err=True)
    if NULL in origins:
        click.echo(f"pairlight: warning: --origin {NULL}: {_ANY_PAGE}", err=True)
    click.echo(f"client_id      {registered.client_id}")
    if return_code:
        click.echo("return_code    its devices ask for the number that the phone shows")
    if secret:
        click.echo(f"client_secret  {secret}\nThe secret is not kept and not shown again.")


def _id_from(name: str) -> str:
    if not name.strip():
        raise RegistrationError("the name is empty", "people see it when the application asks")
    made = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not made:
        raise RegistrationError("no client_id can be made from this name", "give one with --id")
    return made


def _check_grants(grants: set[str], redirect_uris: tuple[str, ...], *, return_code: bool) -> None:
    """Refuse options that do nothing without another one."""
    if redirect_uris and not grants & {"code", "implicit"}:
        raise RegistrationError(
            "--redirect-uri does nothing with these grants", "add --grant code or leave it out"
        )
    if return_code and "device" not in grants:
        raise RegistrationError(
            "--return-code does nothing with these grants", "add --grant device or leave it out"
        )
    if grants == {"refresh"}:
        raise RegistrationError(
            "--grant refresh alone gets no tokens", "add another one: --grant device or code"
        )


def _keys(path: Path) -> str:
    try:
        return public_jwks(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistrationError(
            f"cannot read the keys in {path}: {error.strerror}", "check the path given by --jwks"
        ) from None
    except ValueError as error:
        raise RegistrationError(
            f"cannot use the keys in {path}: {error}", "make it a JWK set (RFC 7517 5)"
        ) from None


def _end_of(day: datetime) -> float:
    return (day.replace(tzinfo=UTC) + timedelta(days=1)).timestamp()
