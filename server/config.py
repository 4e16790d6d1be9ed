"""Configuration: defaults, then a TOML file, then PAIRLIGHT_* environment variables.

Each key is documented where its default is. An unknown key, a value of the wrong type or an
impossible one stops the start with one line and a hint.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from server.config_checks import ALL_KEYS, ConfigError, check
from server.core.settings import Settings, setting

PREFIX = "PAIRLIGHT_"


@dataclass(frozen=True)
class Config(Settings):
    """Everything an operator can set."""

    allow_plain_http: bool = setting(
        False,
        "Let other machines reach this server by plain http, at the issuer or at the host it "
        "listens on. For trying out in a network you trust; everyone in it can read along.",
    )
    host: str = setting("127.0.0.1", "The address to listen on.")
    port: int = setting(8628, "The port to listen on.")
    workers: int = setting(1, "Worker processes on this host.")
    trusted_proxies: str = setting(
        "",
        "Addresses or networks of proxies in front, with commas between: 127.0.0.1, 10.0.0.0/8. "
        "Only what they add to X-Forwarded-For is believed.",
    )
    waiting_room: str = setting(
        "",
        "The URL of a Redis or Valkey that several hosts share: redis://host:6379/0, or rediss:// "
        "for TLS. It paces polls and wakes held ones across hosts. Not set, each host does so for "
        "its own workers.",
        secret=True,
    )
    held_polls: int = setting(
        1000,
        "Polls that one worker process holds until the person decides, for devices that ask for "
        "that. Over it a poll is answered at once. One costs a thread: about 70 KB.",
    )
    tv_page: str = setting(
        "",
        "The client_id that the page for TVs at /tv signs in as. For trying it out; not set, there "
        "is no such page.",
    )
    database: str = setting(
        "sqlite:///pairlight.db",
        "Where everything is kept. An SQLite file: three slashes for a path relative to the "
        "working directory, four for an absolute one. Or PostgreSQL, for several hosts: "
        "postgresql://user:password@host/name, with any parameter of libpq behind a question mark, "
        "such as sslmode=verify-full; it needs pairlight[postgresql] and a `secret`.",
        secret=True,
    )
    secret: str = setting(
        "",
        "The key to what the database holds only as keyed digests or sealed: at least 32 random "
        "characters. When it is not set, one is made at the first start and kept beside the "
        "database in a file with the ending `.secret`.",
        secret=True,
    )

    @property
    def trusted_networks(self) -> list[str]:
        """The networks of `trusted_proxies`."""
        return [network for part in self.trusted_proxies.split(",") if (network := part.strip())]

    @property
    def database_path(self) -> Path | None:
        """The file of the embedded database; None when it is a server."""
        path = self.database.removeprefix("sqlite:///")
        return None if path == self.database else Path(path)

    @property
    def shared_file(self) -> Path:
        """Where the workers of this host share their waiting room."""
        if self.database_path:
            return self.database_path.with_suffix(".waiting")
        mark = sha256(self.database.encode()).hexdigest()[:16]
        return Path(gettempdir()) / f"pairlight-{os.getuid()}-{mark}.waiting"

    @property
    def database_name(self) -> str:
        """What people call the database: its file, or its host and name. Never its password."""
        if self.database_path:
            return str(self.database_path)
        parts = urlsplit(self.database)
        return f"{parts.netloc.rpartition('@')[2] or 'local'}{parts.path}"


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration. Raises ConfigError."""
    named = path or (Path(environ["PAIRLIGHT_CONFIG"]) if environ.get("PAIRLIGHT_CONFIG") else None)
    values = _from_file(named) if named else {}
    values.update(_from_environ(environ))
    return make(**values)


def make(**values: Any) -> Config:
    """Make a checked configuration. Raises ConfigError."""
    for key, value in values.items():
        _check_type(key, value)
    values.setdefault("issuer", f"http://localhost:{values.get('port', 8628)}")
    config = Config(**values)
    check(config)
    return config


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {path}: {error.strerror}",
            "check the path given by --config or PAIRLIGHT_CONFIG",
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8", "save it as UTF-8, which TOML asks for") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}", 'text values need quotes: issuer = "https://…"'
        ) from None


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for name, text in environ.items():
        if name.startswith(PREFIX) and name != "PAIRLIGHT_CONFIG":
            key = name.removeprefix(PREFIX).lower()
            values[key] = text if get_type_hints(Config).get(key) is str else _toml_value(text)
    return values


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # of the wrong type, which `make` says with the key's name


_KINDS = {str: "text", int: "a whole number", bool: "true or false", dict: "a table"}


def _check_type(key: str, value: Any) -> None:
    types = get_type_hints(Config)
    if key not in types:
        near = get_close_matches(key.lower(), types, n=1)
        hint = f"did you mean {near[0]}?" if near else ALL_KEYS
        raise ConfigError(f"unknown configuration key: {key}", hint)
    wanted = types[key] if types[key] in _KINDS else dict
    if type(value) is not wanted:
        hidden = {field.name for field in fields(Config) if not field.repr}
        given = "" if key in hidden else f", not {value!r}"
        raise ConfigError(f"{key} must be {_KINDS[wanted]}{given}", ALL_KEYS)
    if isinstance(value, str) and not value.isprintable():
        raise ConfigError(f"{key} holds characters that cannot be printed", "look for stray ones")
