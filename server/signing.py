"""JOSE through joserfc: signing keys, access tokens (RFC 9068) and the published key set."""

import json
from collections.abc import Mapping
from typing import Any, cast

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey

ALGORITHM = "ES256"
_TYPE = "at+jwt"  # RFC 9068 2.1: never to be taken for another kind of token
_SEALING = {"alg": "dir", "enc": "A256GCM"}


class SealError(Exception):
    """A private key cannot be opened: it was sealed with another secret, or damaged."""


class SigningKeys:
    """Signs with the newest key and verifies with any; made from private keys, oldest first."""

    def __init__(self, keys: list[ECKey]) -> None:
        self._newest = keys[-1]
        self._all = KeySet(list(keys))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a signed access token with these claims."""
        header = {"alg": ALGORITHM, "typ": _TYPE, "kid": self._newest.kid}
        return jwt.encode(header, dict(claims), self._newest, algorithms=[ALGORITHM])

    def verify(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an access token that we signed, or None."""
        try:
            found = jwt.decode(token, self._all, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            # Strangers write these headers: `"crit": 1` and the like trip the library.
            return None
        return found.claims if found.header.get("typ") == _TYPE else None

    def jwks(self) -> Mapping[str, Any]:
        """Return the public keys."""
        public = cast("dict[str, Any]", self._all.as_dict(private=False))
        use = {"use": "sig", "alg": ALGORITHM}
        return {"keys": [{**key, **use} for key in public["keys"]]}


def generate_key() -> ECKey:
    """Make a signing key, named by its thumbprint (RFC 7638)."""
    return ECKey.generate_key("P-256", auto_kid=True)


def seal(key: ECKey, sealing_key: bytes) -> str:
    """Encrypt a private key for the database, which alone must not be enough to sign."""
    private = json.dumps(key.as_dict(private=True)).encode()
    return jwe.encrypt_compact(_SEALING, private, OctKey.import_key(sealing_key))


def unseal(sealed: str, sealing_key: bytes) -> ECKey:
    """Decrypt a private key. Raises SealError when it was sealed with another secret."""
    try:
        opened = jwe.decrypt_compact(sealed, OctKey.import_key(sealing_key))
        return ECKey.import_key(json.loads(opened.plaintext or b""))
    except (JoseError, ValueError) as error:
        raise SealError("sealed with another secret") from error
