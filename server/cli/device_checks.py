"""What `pairlight device pack` asks the servers that a board will talk to."""

import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click

from device_client.board_online import same_place
from device_client.discovery import AnotherIssuer, discover
from device_client.run import fetch
from device_client.transport import split
from device_client.trust import tls_context
from server.cli.device_trust import Root, check_address, check_chain, root_of
from server.config_checks import ConfigError


def checked_servers(
    issuer: str, api_url: str, ca_file: Path | None, *, plain_http: bool, verifies: bool
) -> str:
    """Return the PEM that a board must trust, empty for none, once its servers are as they should.

    `verifies` is whether the board can check certificates; this computer does in any case. An empty
    `api_url` is none. Raises ConfigError.
    """
    _check_addresses(issuer, api_url, plain_http)
    root = _root(issuer, api_url, ca_file)
    _check_issuer(issuer, _context(root.pem) if root else None, plain_http)
    if not root or not verifies:
        return ""
    click.echo(f"The board will trust {root.name} (until {root.until}).")
    return root.pem


def _check_addresses(issuer: str, api_url: str, plain_http: bool) -> None:
    check_address(issuer, "--issuer")
    if issuer.startswith("http:") and urlsplit(issuer).hostname in {"localhost", "127.0.0.1"}:
        click.echo(f"Warning: to a board, {issuer} is the board itself.", err=True)
    if issuer.startswith("http:") and not plain_http:
        raise ConfigError(f"{issuer} is not https", "for trials there is --allow-plain-http")
    if not api_url:
        return
    check_address(api_url, "--api-url")
    try:
        split(api_url, plain_http and same_place(api_url, issuer))
    except ValueError as error:
        raise ConfigError(
            str(error), "--api-url is https, or with --allow-plain-http at the issuer's address"
        ) from None


def _root(issuer: str, api_url: str, ca_file: Path | None) -> Root | None:
    """Return the one authority that vouches for all that is https, None if nothing is."""
    urls = [url for url in (issuer, api_url) if url.startswith("https:")]
    root = root_of(urls[0], ca_file) if urls else None
    if root and urls[1:]:
        check_chain(api_url, root)
    return root


def _check_issuer(issuer: str, context: object, plain_http: bool) -> None:
    reach = partial(fetch, context=context, plain_http=plain_http)
    try:
        discover(issuer, reach, plain_http)
    except AnotherIssuer as error:
        raise ConfigError(
            str(error), f"if that is the server, say --issuer {error.issuer}"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{issuer} cannot be reached: {error}", "start the server, or look at --issuer"
        ) from None
    except ValueError as error:
        raise ConfigError(
            str(error), "--issuer is the server's https URL exactly as it writes it itself"
        ) from None


def _context(pem: str) -> object:
    """Return a TLS context that trusts what the board will trust, and nothing else."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        return tls_context(file.name)
