"""What a configuration must be, beyond the types of its keys.

Whatever is impossible stops the start with one line and a hint; what is risky is warned of.
"""

import ipaddress
import re
from dataclasses import fields
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.core.user_code import WEAKEST, odds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.config import Config

ALL_KEYS = "docs/configuration.md lists every key with its default"
SHORTEST_SECRET = 32  # characters

# From and to. Every other number is at least 1 and fits what a small device reads.
_RANGES = {"port": (1, 65535), "poll_interval": (1, 60), "user_code_length": (6, 32)}
_ANY_RANGE = (1, 2**31 - 1)
_LONG_LIFETIME = 900  # seconds of a device code

_ISSUER = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749 3.3


class ConfigError(Exception):
    """The configuration cannot be used. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def check(config: "Config") -> None:
    """Refuse what cannot work. Raises ConfigError."""
    _check_numbers(config)
    _check_issuer(config)
    _check_listening(config)
    _check_scopes(config)
    _check_database(config)
    _check_user_codes(config)
    _check_trusted_proxies(config)
    if config.secret and len(config.secret) < SHORTEST_SECRET:
        raise ConfigError(
            f"secret is shorter than {SHORTEST_SECRET} characters",
            "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )


def warnings(config: "Config") -> list[str]:
    """Return what can work and should be known, each in one line."""
    found = []
    if config.allow_plain_http and config.issuer.startswith("http:"):
        found.append("plain http. Everyone in this network can read along.")
    if config.issuer.startswith("https:") and _stands_open(config):
        found.append(
            f"{config.host}:{config.port} itself speaks plain http, others can reach it, and it "
            "belongs behind TLS: set trusted_proxies to what stands in front."
        )
    if config.device_code_lifetime > _LONG_LIFETIME:
        found.append(
            f"device_code_lifetime is {config.device_code_lifetime} s. Past {_LONG_LIFETIME} s a "
            "thief has long to talk somebody into a code (RFC 8628 5.4)."
        )
    return found


def _stands_open(config: "Config") -> bool:
    return not is_loopback(config.host) and not config.trusted_networks


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and reached by nobody else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_numbers(config: "Config") -> None:
    for field in fields(config):
        value = getattr(config, field.name)
        low, high = _RANGES.get(field.name, _ANY_RANGE)
        if type(value) is int and not low <= value <= high:
            raise ConfigError(
                f"{field.name} must be from {low} to {high}, not {value}",
                f"remove the key to get its default, {field.default}",
            )


def _check_issuer(config: "Config") -> None:
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


def _check_listening(config: "Config") -> None:
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


def _check_scopes(config: "Config") -> None:
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


def _check_database(config: "Config") -> None:
    if config.database.startswith("postgresql://"):
        _check_server(config)
        return
    path = config.database_path
    if path is None or not path.name or str(path) == ":memory:" or "?" in config.database:
        raise ConfigError(
            "database must be the URL of an SQLite file or of a PostgreSQL database",
            "for example sqlite:////var/lib/pairlight/pairlight.db, or "
            "postgresql://pairlight@db.example.com/pairlight",
        )
    if path.suffix == ".secret":
        raise ConfigError(
            f"database must not end in .secret: {path}",
            "a file of that name keeps the secret beside it",
        )


def _check_server(config: "Config") -> None:
    try:
        urlsplit(config.database)
    except ValueError:  # a broken IPv6 address; the URL may hold a password
        raise ConfigError(
            "database is not a URL", "percent-encode what is special in user name and password"
        ) from None
    if not config.secret:
        raise ConfigError(
            "secret must be set with a PostgreSQL database: all hosts need the same one",
            "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )


def _check_user_codes(config: "Config") -> None:
    chance = odds(config.user_code_length, config.user_code_misses_per_account)
    if chance > WEAKEST and not config.allow_weak_user_codes:
        raise ConfigError(
            f"user codes can be guessed: 1 in {1 / chance:,.0f} within a lifetime, not 1 in 2^32",
            "raise user_code_length, lower user_code_misses_per_account, or set "
            "allow_weak_user_codes = true",
        )


def _check_trusted_proxies(config: "Config") -> None:
    for network in config.trusted_networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ConfigError(
                f"trusted_proxies has no address or network in {network!r}",
                "for example 127.0.0.1, 10.0.0.0/8",
            ) from None
