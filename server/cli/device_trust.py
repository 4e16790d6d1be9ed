"""Which certificate authority a board must trust to talk to an issuer, found by talking to it."""

import socket
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import urlsplit

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
    chain = _chain(issuer, _context(ca_file))
    pem = ssl.DER_cert_to_PEM_cert(chain[-1])
    return Root(pem, *_described(pem))


def _context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        told = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"cannot use {ca_file}: {told}", "--ca-file is a certificate in PEM"
        ) from None
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _chain(issuer: str, context: ssl.SSLContext) -> list[bytes]:
    """Return the certificates from the server's to the trusted one, in DER."""
    parts = urlsplit(issuer)
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            socket.create_connection((host, port), _TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            return _verified_chain(connection)
    except ssl.SSLCertVerificationError as error:
        raise ConfigError(
            f"{host} shows a certificate that this computer does not trust: {error.verify_message}",
            "give the certificate authority that signed it with --ca-file",
        ) from None
    except ssl.SSLError as error:
        raise ConfigError(
            f"{host} does not speak TLS as boards do: {error.reason}",
            "boards know TLS 1.2 only, so the server must offer it",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{issuer} cannot be reached: {error.strerror or error}",
            "start the server, or look at --issuer",
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
