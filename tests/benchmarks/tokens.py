"""Tokens beside the device flow: client credentials, introspection, refresh."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from server.core.records import Client, Grant, RefreshToken
from tests.benchmarks import node, report
from tests.benchmarks.arithmetic import ratio
from tests.benchmarks.contenders import Contender, ours
from tests.benchmarks.rounds import Piece, Plan, measure
from tests.benchmarks.wrk import Codes, Load

OURS = "Pairlight"
SECRET = "a-secret-of-the-benchmark-that-is-long-enough-for-anybody"
_GRANTS = 5_000  # each refreshed in turn: of two at once on one grant, one has to try again
_JOB = {"client_id": "job", "client_secret": SECRET}
_KINDS = ("client-credentials tokens", "introspections", "refreshes")
_INTROSPECTION = {OURS: "/introspect", node.NAME: "/token/introspection"}


def run(directory: Path, plan: Plan) -> Iterator[Piece]:
    """Yield pieces of the report, and figures for the gates."""
    with ExitStack() as stack:
        contenders = [stack.enter_context(ours(directory / "ours", OURS))]
        codes = {OURS: _furnish(directory / "ours")}
        try:
            contenders.append(stack.enter_context(node.oidc_provider(directory / "node", 1)))
            codes[node.NAME] = _told(directory / "node")
        except node.NotThereError as reason:
            yield f"oidc-provider is left out: {reason}."
        loads = {each.name: _loads(each, codes[each.name]) for each in contenders}
        for number, kind in enumerate(_KINDS):
            asked = {name: each[number] for name, each in loads.items()}
            found = measure(contenders, partial(_load, asked), 32, plan)
            yield f"## {kind.capitalize()}, 32 connections"
            yield report.rows("32 at once", found)
            yield report.disturbance(found.values())
            if node.NAME in found:
                name = f"{kind}/s to oidc-provider in memory"
                yield {name: ratio(found[OURS], found[node.NAME], "rate")}


def _load(asked: Mapping[str, Load], contender: Contender) -> Load:
    return asked[contender.name]


def _loads(contender: Contender, refresh_tokens: Codes) -> tuple[Load, Load, Load]:
    """Return what is sent of each kind.

    oidc-provider introspects no JWT, so that both are asked about refresh tokens.
    """
    itself = urlencode({"grant_type": "client_credentials", "scope": "reports", **_JOB})
    refresh = urlencode({"grant_type": "refresh_token", **_JOB}) + "&refresh_token="
    return (
        Load("/token", itself),
        Load(_INTROSPECTION[contender.name], urlencode(_JOB) + "&token=", refresh_tokens),
        Load("/token", refresh, refresh_tokens),
    )


def _told(directory: Path) -> Codes:
    """Return the one refresh token of oidc-provider, which is set to keep it."""
    file = directory / "refresh-tokens"
    file.write_text(json.loads((directory / "tokens.json").read_text())["refresh_token"] + "\n")
    return Codes(file, 0, 1)


def _furnish(directory: Path) -> Codes:
    """Add the client, and grants with refresh tokens that are never left behind."""
    now = time.time()
    client = Client(
        "job",
        "Job",
        hashlib.sha256(SECRET.encode()).digest(),
        "client_credentials refresh_token",
        "reports",
        now,
    )
    names = [f"refresh-{number:035d}" for number in range(_GRANTS)]
    with sqlite3.connect(directory / "pairlight.db") as connection:
        (subject,) = connection.execute("SELECT subject FROM accounts").fetchone()
        _insert(connection, "clients", client)
        for name in names:
            _insert(connection, "grants", Grant(name, "job", subject, "reports", now))
            digest = hashlib.sha256(name.encode()).digest()
            _insert(connection, "refresh_tokens", RefreshToken(digest, name, 1, now + 86400))
    connection.close()
    file = directory / "refresh-tokens"
    file.write_text("".join(f"{name}\n" for name in names))
    return Codes(file, 0, _GRANTS)


def _insert(
    connection: sqlite3.Connection, table: str, record: Client | Grant | RefreshToken
) -> None:
    names = record._fields
    places = ", ".join(f":{name}" for name in names)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",  # noqa: S608 - our own words
        record._asdict(),
    )
