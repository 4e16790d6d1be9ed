"""Fills a database with live device codes, past the server: a million in seconds."""

import hashlib
import sqlite3
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.core.records import DeviceAuthorization

VERIFIER = "verifier-of-all-held-devices-in-the-benchmark"
_LIFETIME = 24 * 3600  # seconds; longer than any run


def fill(database: Path, codes: Path, count: int, *, held: bool = False) -> None:
    """Add that many pending device authorizations and write their codes down, one on a line.

    Those to be `held` have a code challenge, all the same one, for VERIFIER.
    """
    kind = "held" if held else "plain"
    names = [f"{kind}-{number:038d}"[-43:] for number in range(count)]
    codes.write_text("".join(f"{name}\n" for name in names))
    columns = ", ".join(DeviceAuthorization._fields)
    places = ", ".join("?" * len(DeviceAuthorization._fields))
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -500000")
        connection.executemany(
            f"INSERT INTO device_authorizations ({columns}) VALUES ({places})",  # noqa: S608
            _rows(names, challenge() if held else None),
        )
    connection.close()
    _checkpoint(database)


def _rows(names: list[str], challenge: str | None) -> Iterator[tuple[object, ...]]:
    now = time.time()
    for name in names:
        digest = hashlib.sha256(name.encode()).digest()
        record = DeviceAuthorization(
            **_TEMPLATE
            | {
                "device_code_digest": digest,
                "user_code_digest": digest[::-1],
                "code_challenge": challenge,
                "issued_at": now,
                "expires_at": now + _LIFETIME,
            }
        )
        yield (*record[:_STATE], str(record.state), *record[_STATE + 1 :])


_STATE = DeviceAuthorization._fields.index("state")
_TEMPLATE: dict[str, Any] = {
    "user_code_length": 8,
    "client_id": "tv",
    "scope": "profile",
    "address": "127.0.0.1",
    "user_agent": "wrk",
    "device_name": "",
    "interval": 5,
    "resource": "",
}


def challenge() -> str:
    """Return what VERIFIER is proved by (RFC 7636 4.2)."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _checkpoint(database: Path) -> None:
    """Move what was written from the log to the file, as hours of running would have."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.commit()
    connection.close()
