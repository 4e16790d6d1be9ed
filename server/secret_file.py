"""The secret that the database does not hold, and the keys derived from it."""

import contextlib
import hmac
import os
import tempfile
from pathlib import Path

from server.config import Config
from server.config_checks import SHORTEST_SECRET, ConfigError
from server.core.ports import Entropy
from server.core.tokens import secret as make_secret


def load_secret(config: Config, entropy: Entropy) -> bytes:
    """Return the configured secret, or the one kept beside the database, made when absent.

    Raises ConfigError when the file cannot be made or read, holds no secret, or is open to others.
    """
    if config.secret:
        return config.secret.encode()
    database = config.database_path
    assert database is not None  # noqa: S101 - a configuration without a file has a secret
    path = database.with_suffix(".secret")
    try:
        _make_once(path, make_secret(entropy))
        _check_mode(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"cannot keep the secret in {path}: {error.strerror}",
            "the key `database` names that directory: make it writable, or set PAIRLIGHT_SECRET",
        ) from None
    if len(secret) < SHORTEST_SECRET:
        raise ConfigError(
            f"{path} holds no secret of at least {SHORTEST_SECRET} characters",
            "restore it from a backup; with a new database, remove it and a new one is made",
        )
    return secret


def derive(secret: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for one purpose."""
    return hmac.digest(secret, purpose.encode(), "sha256")


def _check_mode(path: Path) -> None:
    """Refuse a file that others may read, on systems whose files have modes."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigError(f"others may read the secret in {path}", f"chmod 600 {path}")


def _make_once(path: Path, secret: str) -> None:
    """Write the file, readable by its owner alone, unless it is there. Another process may race."""
    if path.exists():
        return
    descriptor, new = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another was first: theirs is the secret
            os.link(new, path)
    finally:
        Path(new).unlink()
