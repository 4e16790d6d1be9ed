"""Certificates of every kind for localhost, good and bad."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """An authority that a device trusts; `file` is its certificate in PEM."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "authority.pem"
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("The authority of the tests")
        own = _builder(self._name, self._name, self._key, 0, 365).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def certificate(self, host: str = "localhost", first: int = -1, last: int = 1) -> Path:
        """Return a file with key and certificate for a host, from one day to another."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(host), self._name, key, first, last)
        return self._write(key, _for(builder, host).sign(self._key, hashes.SHA256()))

    def self_signed(self) -> Path:
        """Return one that nobody vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("localhost")
        builder = _for(_builder(name, name, key, -1, 1), "localhost")
        return self._write(key, builder.sign(key, hashes.SHA256()))

    def _write(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Path:
        file = self._folder / f"{certificate.serial_number}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(private + _pem(certificate))
        return file


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _for(builder: x509.CertificateBuilder, host: str) -> x509.CertificateBuilder:
    return builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, first: int, last: int
) -> x509.CertificateBuilder:
    today = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=first))
        .not_valid_after(today + timedelta(days=last))
    )
