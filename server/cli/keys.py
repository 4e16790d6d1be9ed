"""`pairlight keys`: the keys that sign tokens. What is private of them is never shown."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import click

from server.app import Application, build
from server.config import load
from server.key_schedule import state, takes_over_at
from server.signing import ALGORITHMS, SigningKeys
from server.storage.signing_keys import SealedKey

_DAY, _HOUR, _MINUTE = 86400, 3600, 60


@click.group()
def keys() -> None:
    """Manage the keys that sign tokens."""


@keys.command("list")
def list_() -> None:
    """Show every key that is kept: kid, algorithm, age, state, and when a new one will sign."""
    with _opened() as (application, signing_keys):
        now, kept = application.server.ports.clock(), signing_keys.kept()
    click.echo(f"{'kid':<43}  {'alg':<5}  {'age':>10}  state")
    for key in sorted(kept, key=lambda key: (key.created_at, ALGORITHMS.index(key.algorithm))):
        age, its_state = _age(now - key.created_at), state(key, kept, now)
        start = f", {_signs_from(key)}" if its_state == "published" else ""
        click.echo(f"{key.kid}  {key.algorithm}  {age:>10}  {its_state}{start}")


@keys.command()
def rotate() -> None:
    """Make new keys now. They are published first and sign a little later."""
    with _opened() as (_, signing_keys):
        made = signing_keys.rotate()
    for key in made:
        click.echo(f"{key.kid}  {key.algorithm}  {_signs_from(key)}")


@contextmanager
def _opened() -> Iterator[tuple[Application, SigningKeys]]:
    with closing(build(load())) as application:
        signer = application.server.ports.signer
        assert isinstance(signer, SigningKeys)  # noqa: S101 - `server.app` casts it
        yield application, signer


def _signs_from(key: SealedKey) -> str:
    return f"signs from {datetime.fromtimestamp(takes_over_at(key), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _age(seconds: float) -> str:
    for size, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {name}"
    return "new"
