"""JOSE through joserfc: tokens that others signed, client assertions and DPoP proofs.

Strangers write these. Which algorithms may be tried follows from the key, never from the token.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from joserfc import jwk, jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.util import urlsafe_b64decode

ALGORITHMS: tuple[str, ...] = ("ES256", "ES384", "RS256", "PS256", "EdDSA")
_PROOF_TYPE = "dpop+jwt"  # RFC 9449 4.2
# RFC 7523 names no type. Tokens that say they are another kind of token are refused.
_ASSERTION_TYPES = ("jwt", "client-authentication+jwt")
_LONGEST = 16 * 1024  # characters
_MOST_KEYS = 10
_RSA_BITS = range(2048, 4097)  # fewer can be broken, more is work that a stranger sets us
_LONGEST_EXPONENT = 11  # characters: 64 bits, for the same reason
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_PUBLIC = ("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg")
_ELSEWHERE = frozenset(("jku", "x5u", "x5c"))  # keys that are not ours to choose


class _Registry(jws.JWSRegistry):
    """Takes headers with an RSA key in them, and EdDSA, of which the library warns (RFC 9864)."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


# What a header says beyond what is understood is ignored (RFC 7515 4).
_REGISTRY = _Registry(strict_check_header=False)


class _Key(NamedTuple):
    """A public key and what it may have signed with."""

    key: jwk.Key
    algorithms: tuple[str, ...]


class JoseJWTReader:
    """Plays `server.core.ports.JWTReader`."""

    algorithms: Sequence[str] = ALGORITHMS

    def read(self, token: str, jwks: str) -> Mapping[str, Any] | None:
        """Return the claims of a token that one of these keys (RFC 7517 5) signed, or None."""
        try:
            return _read(token, _keys(jwks))
        except Exception:  # whatever hostile input trips in the library: fail closed
            return None

    def read_proof(self, token: str) -> tuple[Mapping[str, Any], str] | None:
        """Return a DPoP proof's claims and its key's thumbprint (RFC 9449 4, RFC 7638), or None."""
        try:
            return _read_proof(token)
        except Exception:  # whatever hostile input trips in the library: fail closed
            return None


def public_jwks(text: str) -> str:
    """Return a JWK set in its compact form. Raises ValueError unless all its keys will do."""
    try:
        found = json.loads(text)["keys"]
        members = [{name: key[name] for name in _PUBLIC if name in key} for key in found]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError("it is not a JWK set") from None
    if not isinstance(found, list) or not 1 <= len(found) <= _MOST_KEYS:
        raise ValueError(f"it must have 1 to {_MOST_KEYS} keys")
    for number, key in enumerate(found, 1):
        try:
            _public_key(key)
        except Exception as error:
            told = str(error) if type(error) is ValueError else "it is malformed"
            raise ValueError(f"key {number}: {told}") from None
    kids = [key["kid"] for key in members if "kid" in key]
    if len(set(kids)) < len(kids):
        raise ValueError("two keys have the same kid")
    return json.dumps({"keys": members}, separators=(",", ":"))


@lru_cache(maxsize=256)
def _keys(jwks: str) -> tuple[_Key, ...]:
    """Return the keys of a set; of one that holds an unfit key, none at all."""
    return tuple(_public_key(members) for members in json.loads(jwks)["keys"][:_MOST_KEYS])


def _read(token: str, keys: Sequence[_Key]) -> Mapping[str, Any] | None:
    signed, header = _opened(token)
    kind = header.get("typ", "JWT").lower().removeprefix("application/")
    if "jwk" in header or kind not in _ASSERTION_TYPES:
        return None
    named = header.get("kid")
    fit = [one for one in keys if named is None or one.key.kid in (None, named)]
    return next((_claims(signed) for one in fit if _verified(signed, header, one)), None)


def _read_proof(token: str) -> tuple[Mapping[str, Any], str] | None:
    signed, header = _opened(token)
    if header.get("typ") != _PROOF_TYPE:
        return None
    found = _public_key(header["jwk"])
    claims = _claims(signed) if _verified(signed, header, found) else None
    return None if claims is None else (claims, found.key.thumbprint())


def _opened(token: str) -> tuple[jws.CompactSignature, Mapping[str, Any]]:
    """Return a token, whose signature is still unchecked, and its header."""
    if len(token) > _LONGEST:
        raise ValueError("too long")
    signed = jws.extract_compact(token.encode(), registry=_REGISTRY)
    header = signed.headers()
    if "crit" in header or _ELSEWHERE & header.keys():
        raise ValueError("extensions and keys from elsewhere are not understood")
    return signed, header


def _verified(signed: jws.CompactSignature, header: Mapping[str, Any], one: _Key) -> bool:
    return header["alg"] in one.algorithms and jws.validate_compact(
        signed, one.key, registry=_REGISTRY
    )


def _claims(signed: jws.CompactSignature) -> Mapping[str, Any] | None:
    claims = json.loads(signed.payload, parse_constant=_refuse)
    return claims if isinstance(claims, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _public_key(members: Any) -> _Key:
    """Return a key that may verify. Raises ValueError, or what the library raises, for others."""
    if not isinstance(members, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - as all refusals
    if members.get("kty") == "oct" or _PRIVATE & members.keys():
        raise ValueError("it is private or symmetric; give the public key alone")
    if members.get("use", "sig") != "sig" or "verify" not in members.get("key_ops", ["verify"]):
        raise ValueError("it is not for signatures")
    algorithms = _algorithms(members)
    try:
        key = jwk.import_key({name: members[name] for name in _PUBLIC if name in members})
    except JoseError:
        raise ValueError("it is malformed") from None
    binding: Any = key.binding
    written = binding.convert_raw_key_to_dict(key.raw_value, private=False)
    if any(members[name] != value for name, value in written.items()):
        raise ValueError("its numbers are not written as RFC 7518 says")  # one key, one thumbprint
    return _Key(key, algorithms)


def _algorithms(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a key may sign with. Raises ValueError when that is nothing."""
    match members:
        case {"kty": "EC", "crv": "P-256"}:
            able: tuple[str, ...] = ("ES256",)
        case {"kty": "EC", "crv": "P-384"}:
            able = ("ES384",)
        case {"kty": "OKP", "crv": "Ed25519"}:
            able = ("EdDSA",)
        case {"kty": "RSA", "n": str(modulus), "e": str(exponent)}:
            _check_size(modulus, exponent)
            able = ("RS256", "PS256")
        case _:
            able = ()
    able = tuple(one for one in able if members.get("alg", one) == one)
    if not able:
        raise ValueError(f"it is not for {', '.join(ALGORITHMS)}")
    return able


def _check_size(modulus: str, exponent: str) -> None:
    """Refuse RSA keys before the library computes with them. Raises ValueError."""
    bits = int.from_bytes(urlsafe_b64decode(modulus.encode())).bit_length()
    if bits not in _RSA_BITS or len(exponent) > _LONGEST_EXPONENT:
        raise ValueError("an RSA key must have 2048 to 4096 bits and a small exponent")
