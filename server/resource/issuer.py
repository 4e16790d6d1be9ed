"""What an authorization server publishes: its metadata (RFC 8414) and its keys (RFC 7517 5)."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from server.resource.fetching import Unavailable, acceptable, fetch

_WELL_KNOWN = "/.well-known/oauth-authorization-server"
# Signatures that only the holder of a private key can make; each key is good for one of them.
_ALGORITHMS = {"EC": ("ES256", "ES384", "ES512"), "RSA": ("RS256", "PS256"), "OKP": ("Ed25519",)}


class PublishedKey(NamedTuple):
    """A public key and the one algorithm that it is for."""

    key: Key
    algorithm: str


PublishedKeys = Mapping[str, PublishedKey]  # by key ID


def check_identifier(issuer: str) -> str:
    """Return an issuer identifier (RFC 8414 2); ValueError when it is none, or without https."""
    if not acceptable(issuer) or "?" in issuer:
        raise ValueError(f"not an issuer with https, or on this machine: {issuer!r}")
    return issuer


def metadata(issuer: str) -> Mapping[str, Any]:
    """Ask an issuer for its metadata, which must be its own (RFC 8414 3.3)."""
    parts = urlsplit(issuer)
    found = fetch(f"{parts.scheme}://{parts.netloc}{_WELL_KNOWN}{parts.path.rstrip('/')}")
    if found.get("issuer") != issuer:
        raise Unavailable(f"{issuer}: its metadata is another issuer's")
    return found


def keys(issuer: str) -> PublishedKeys:
    """Ask an issuer for the keys that it signs with."""
    published = fetch(metadata(issuer).get("jwks_uri")).get("keys")
    if not isinstance(published, list):
        raise Unavailable(f"{issuer}: its key set is none")
    return {str(jwk["kid"]): key for jwk in published if (key := _usable(jwk))}


def _usable(jwk: object) -> PublishedKey | None:
    """Read a key that signs and says its name; others may be there for other purposes."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
        return None
    algorithms = _ALGORITHMS.get(str(jwk.get("kty")), ())
    algorithm = jwk.get("alg", next(iter(algorithms), None))
    if algorithm not in algorithms or jwk.get("use", "sig") != "sig":
        return None
    try:
        return PublishedKey(JWKRegistry.import_key(jwk), algorithm)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
