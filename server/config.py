"""Configuration: defaults, then a TOML file, then PAIRLIGHT_* environment variables.

Each key is documented where its default is. An unknown key, a value of the wrong type or an
impossible one stops the start with one line and a hint.
"""

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from server.core.settings import Settings, setting

PREFIX = "PAIRLIGHT_"
SHORTEST_SECRET = 32  # characters
_ALL_KEYS = "docs/configuration.md lists every key with its default"

# From and to. Every other number is at least 1 and fits what a small device reads.
_RANGES = {"port": (1, 65535), "poll_interval": (1, 60), "user_code_length": (6, 32)}
_ANY_RANGE = (1, 2**31 - 1)

_ISSUER = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749 3.3


class ConfigError(Exception):
    """The configuration cannot be used. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


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
    database: str = setting(
        "sqlite:///pairlight.db",
        "Where everything is kept. An SQLite file; three slashes for a path relative to the "
        "working directory, four for an absolute one.",
    )
    secret: str = setting(
        "",
        "The key to what the database holds only as keyed digests or sealed: at least 32 random "
        "characters. When it is not set, one is made at the first start and kept beside the "
        "database in a file with the ending `.secret`.",
        secret=True,
    )

    @property
    def database_path(self) -> Path:
        """The file of the embedded database."""
        return Path(self.database.removeprefix("sqlite:///"))


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
    _check_numbers(config)
    _check_issuer(config)
    _check_listening(config)
    _check_scopes(config)
    _check_database(config)
    if config.secret and len(config.secret) < SHORTEST_SECRET:
        raise ConfigError(
            f"secret is shorter than {SHORTEST_SECRET} characters",
            "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return config


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and reached by nobody else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


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
        hint = f"did you mean {near[0]}?" if near else _ALL_KEYS
        raise ConfigError(f"unknown configuration key: {key}", hint)
    wanted = types[key] if types[key] in _KINDS else dict
    if type(value) is not wanted:
        given = "" if key == "secret" else f", not {value!r}"
        raise ConfigError(f"{key} must be {_KINDS[wanted]}{given}", _ALL_KEYS)
    if isinstance(value, str) and not value.isprintable():
        raise ConfigError(f"{key} holds characters that cannot be printed", "look for stray ones")


def _check_numbers(config: Config) -> None:
    for field in fields(config):
        value = getattr(config, field.name)
        low, high = _RANGES.get(field.name, _ANY_RANGE)
        if type(value) is int and not low <= value <= high:
            raise ConfigError(
                f"{field.name} must be from {low} to {high}, not {value}",
                f"remove the key to get its default, {field.default}",
            )


def _check_issuer(config: Config) -> None:
    try:
        parts = urlsplit(config.issuer)
        web = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port out of range, a broken IPv6 address
        web = False
    if not web:
        raise ConfigError(
            f"issuer is not a web address: {config.issuer}", "for example https://tv.example.com"
        )
    if not _ISSUER.fullmatch(config.issuer):
        raise ConfigError(
            f"issuer has more than a web address and a plain path: {config.issuer}",
            "leave out any query, fragment, user name and last slash (RFC 8414 2)",
        )


def _check_listening(config: Config) -> None:
    """Refuse plain http that others can reach (RFC 8628 3.1): by the issuer, or past it."""
    if config.allow_plain_http or config.issuer.startswith("https:"):
        return
    if not is_loopback(urlsplit(config.issuer).hostname or ""):
        raise ConfigError(
            f"issuer must be https off this machine: {config.issuer}",
            "serve it behind TLS, or set allow_plain_http = true to try it in a network you trust",
        )
    if not is_loopback(config.host):
        raise ConfigError(
            f"host {config.host} can be reached from other machines, and the issuer is plain http",
            "set an https issuer, or allow_plain_http = true in a network you trust",
        )


def _check_scopes(config: Config) -> None:
    scopes: Mapping[str, object] = config.scopes  # as the file has them
    for scope, words in scopes.items():
        if not _SCOPE_TOKEN.fullmatch(scope):
            raise ConfigError(
                f"scopes: {scope!r} is not a scope",
                "no spaces, quotes or backslashes (RFC 6749 3.3)",
            )
        if not isinstance(words, str) or not words.strip() or not words.isprintable():
            raise ConfigError(
                f"scopes: {scope} must say in plain words what it allows, not {words!r}",
                f'for example {scope} = "See your name and username"',
            )
    if not config.scopes:
        raise ConfigError("scopes is empty", "remove the key to get its default")


def _check_database(config: Config) -> None:
    path = config.database.removeprefix("sqlite:///")
    if path == config.database or not Path(path).name or path == ":memory:" or "?" in path:
        raise ConfigError(
            "database must be the URL of an SQLite file",
            "for example sqlite:///pairlight.db, or sqlite:////var/lib/pairlight/pairlight.db",
        )
    if config.database_path.suffix == ".secret":
        raise ConfigError(
            f"database must not end in .secret: {config.database_path}",
            "a file of that name keeps the secret beside it",
        )
