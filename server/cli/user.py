"""`pairlight user`: the people who can sign in."""

import sys
import warnings
from contextlib import closing
from getpass import GetPassWarning

import click

from server.app import build
from server.config import load
from server.core.registration import SHORTEST_PASSWORD, RegistrationError


@click.group()
def user() -> None:
    """Manage the people who can sign in."""


@user.command()
@click.argument("username")
@click.option("--name", help="The name to greet the person by. Default: the username.")
@click.option("--email", help="The address that applications with the scope `email` are told.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, as one line."
)
def add(username: str, name: str | None, email: str | None, password_stdin: bool) -> None:
    """Add a person; asks for a password."""
    application = build(load())
    with closing(application):
        password = _piped() if password_stdin else _asked()
        account = application.server.register_account(username, name or username, password, email)
    click.echo(f"Added {account.username}, who can sign in now.")


def _piped() -> str:
    line = sys.stdin.buffer.readline()
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise RegistrationError("the password is not UTF-8", "check what is piped in") from None


def _asked() -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # what is typed would be seen
            password: str = click.prompt(
                f"Password (at least {SHORTEST_PASSWORD} characters)",
                hide_input=True,
                confirmation_prompt=True,
            )
    except GetPassWarning:
        raise RegistrationError(
            "there is no terminal to ask for the password on", "pipe it in with --password-stdin"
        ) from None
    return password
