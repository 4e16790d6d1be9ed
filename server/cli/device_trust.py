"""Which certificate authority a board must trust to talk to an issuer, found by talking to it."""

import socket
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

from device_client.transport import split
from server.config_checks import ConfigError

_TIMEOUT = 10  # seconds


class Root(NamedTuple):
    """The one certificate that a board gets: PEM, whose it is, and its last day."""

    pem: str
    name: str
    until: str


def root_of(issuer: str, ca_file: Path | None) -> Root:
    """Return what ends the certificate chain of `issuer`, in `ca_file` or else in the system.

    The connection is TLS 1.2, the newest that boards speak. Raises ConfigError.
    """
    try:
        chain = _chain(issuer, _context(ca_file))
    except ssl.SSLCertVerificationError as error:
        raise ConfigError(
            f"{_host(issuer)} shows a certificate that this computer does not trust:"
            f" {error.verify_message}",
            "give the certificate authority that signed it with --ca-file",
        ) from None
    pem = ssl.DER_cert_to_PEM_cert(chain[-1])
    return Root(pem, *_described(pem))


def check_chain(url: str, root: Root) -> None:
    """Raise ConfigError unless `root` vouches for the server of `url` too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root.pem)
    try:
        _chain(url, context)
    except ssl.SSLCertVerificationError as error:
        raise ConfigError(
            f"{_host(url)} shows a certificate that {root.name} does not vouch for:"
            f" {error.verify_message}",
            "a board trusts one authority, which must vouch for the issuer and for the API",
        ) from None


def check_address(url: str, option: str) -> None:
    """Raise ConfigError, which names the option, unless `url` is one that a board can call."""
    try:
        host, port = split(url, True)[1:3]
        usable = host.encode("idna") and 0 < port < 65536
    except ValueError:  # for a name that is too long, UnicodeError
        usable = False
    if not usable:
        raise ConfigError(
            f"{url} is not an address that a board can call",
            f"{option} is like https://tv.example.com, or https://tv.example.com:8443",
        )


def _host(url: str) -> str:
    return split(url, False)[1]


def _context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        told = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"cannot use {ca_file}: {told}", "--ca-file is a certificate in PEM"
        ) from None


def _chain(url: str, context: ssl.SSLContext) -> list[bytes]:
    """Return the certificates from the server's to the trusted one, in DER.

    Raises ConfigError, and SSLCertVerificationError when the last one is not trusted.
    """
    host, port = split(url, False)[1:3]
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        with (
            socket.create_connection((host, port), _TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            return _verified_chain(connection)
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        raise ConfigError(
            f"{host} does not speak TLS as boards do: {error.reason}",
            "boards know TLS 1.2 only, so the server must offer it",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{url} cannot be reached: {error.strerror or error}",
            "start the server, or look at the address",
        ) from None


def _verified_chain(connection: ssl.SSLSocket) -> list[bytes]:
    if sys.version_info >= (3, 13):
        return connection.get_verified_chain()
    # Not public before 3.13, but there.
    chain = connection._sslobj.get_verified_chain()  # type: ignore[attr-defined]  # noqa: SLF001
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in chain]


def _described(pem: str) -> tuple[str, str]:
    """Return the name in the certificate and its last day."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem)
    authorities = context.get_ca_certs()
    if not authorities:  # a server's own certificate, trusted as it is
        return "the server's own certificate", "it is renewed"
    described = authorities[0]
    subject = cast(tuple[tuple[tuple[str, str], ...], ...], described["subject"])
    named = dict(pair for part in subject for pair in part)
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(described["notAfter"])), UTC)
    name = named.get("commonName") or named.get("organizationName") or "an authority without a name"
    return name, f"{ends:%Y-%m-%d}"
