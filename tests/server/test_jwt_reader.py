"""Tokens that others signed: client assertions and DPoP proofs."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from server.jwt_reader import ALGORITHMS, JoseJWTReader, public_jwks

READER = JoseJWTReader()
CLAIMS = {"iss": "api", "sub": "api"}
EC = ECKey.generate_key("P-256", auto_kid=True)
RSA = RSAKey.generate_key(2048, auto_kid=True)
KEYS: dict[str, Key] = {
    "ES256": EC,
    "ES384": ECKey.generate_key("P-384", auto_kid=True),
    "RS256": RSA,
    "PS256": RSA,
    "EdDSA": OKPKey.generate_key("Ed25519", auto_kid=True),
}
UNFIT: dict[str, dict[str, Any]] = {
    "private": dict(EC.as_dict(private=True)),
    "symmetric": dict(OctKey.generate_key(256).as_dict(private=True)),
    "P-521": dict(ECKey.generate_key("P-521").as_dict(private=False)),
    "Ed448": dict(OKPKey.generate_key("Ed448").as_dict(private=False)),
    "X25519": dict(OKPKey.generate_key("X25519").as_dict(private=False)),
    "1024 bits": {"kty": "RSA", "e": "AQAB", "n": "_" * 171},
    "8192 bits": {"kty": "RSA", "e": "AQAB", "n": "_" * 1364 + "8"},
    "large exponent": {**RSA.as_dict(private=False), "e": RSA.as_dict(private=False)["n"]},
    "padded modulus": {**RSA.as_dict(private=False), "e": "AAEAAQ"},
    "off the curve": {**EC.as_dict(private=False), "x": "A" * 43},
    "for encryption": {**EC.as_dict(private=False), "use": "enc"},
    "another algorithm": {**EC.as_dict(private=False), "alg": "ES384"},
}


class _Any(JWSRegistry):
    """Signs whatever header, with whatever algorithm."""

    max_header_length = 100_000

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]

    def check_header(self, header: Any) -> None:
        pass


def part(members: object) -> str:
    """Write one part of a token."""
    return urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def signed(header: dict[str, Any], key: Key) -> str:
    """Sign the claims with whatever header."""
    return jwt.encode(header, CLAIMS, key, registry=_Any(), default_type=None)


def jwks(*keys: Key | dict[str, Any]) -> str:
    """Write a set of public keys."""
    members = [key if isinstance(key, dict) else key.as_dict(private=False) for key in keys]
    return json.dumps({"keys": members})


def proof(algorithm: str = "ES256", **members: object) -> str:
    """Sign a proof."""
    key = KEYS[algorithm]
    jwk = {k: v for k, v in key.as_dict(private=False).items() if k != "kid"}
    return signed({"alg": algorithm, "typ": "dpop+jwt", "jwk": jwk, **members}, key)


TOKEN = signed({"alg": "ES256", "kid": EC.kid}, EC)
ALL = jwks(*{key.thumbprint(): key for key in KEYS.values()}.values())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_assertion_comes_back(algorithm: str) -> None:
    """A token that one of the client's keys signed is read, with its kid or none. RFC 7523 3."""
    key = KEYS[algorithm]
    for header in ({"alg": algorithm, "kid": key.kid, "typ": "JWT"}, {"alg": algorithm}):
        assert READER.read(signed(header, key), ALL) == CLAIMS


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_proof_comes_back(algorithm: str) -> None:
    """A proof is read by the key that it holds, which is named by thumbprint. RFC 9449 4.3."""
    assert READER.read_proof(proof(algorithm)) == (CLAIMS, KEYS[algorithm].thumbprint())


def test_a_large_key_may_prove() -> None:
    """A proof by an RSA key of 4096 bits is read. RFC 9449 4.2."""
    key = RSAKey.generate_key(4096)
    header = {"alg": "PS256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
    assert READER.read_proof(signed(header, key)) == (CLAIMS, key.thumbprint())


def test_what_is_not_understood_is_ignored() -> None:
    """A header may say more than is understood. RFC 7515 4."""
    assert READER.read(signed({"alg": "ES256", "more": 1}, EC), ALL) == CLAIMS
    assert READER.read_proof(proof(more=1))


@pytest.mark.parametrize("name", ["none", "NONE", "HS256", "RS512", "ES256K", "ES512", 5, None, []])
def test_another_algorithm_is_refused(name: object) -> None:
    """An algorithm that is not listed is refused, whatever the signature. JW-02, JW-03, MD-05."""
    assert name not in READER.algorithms
    rest = TOKEN.partition(".")[2]
    for end in (rest, rest.partition(".")[0] + "."):
        assert READER.read(f"{part({'alg': name})}.{end}", ALL) is None
        header = {"alg": name, "typ": "dpop+jwt", "jwk": EC.as_dict(private=False)}
        assert READER.read_proof(f"{part(header)}.{end}") is None


@pytest.mark.parametrize("key", [EC, RSA])
def test_a_public_key_is_no_shared_secret(key: Key) -> None:
    """An HMAC under the registered key, taken for a shared secret, is refused. JW-02."""
    public = key.as_dict(private=False)
    header = {"alg": "HS256", "typ": "dpop+jwt", "jwk": public}
    pem = key.as_pem(private=False) if not isinstance(key, OctKey) else b""
    for secret in (pem, json.dumps(public).encode()):
        for head in (part({"alg": "HS256", "kid": key.kid}), part(header)):
            mac = hmac.digest(secret, f"{head}.{part(CLAIMS)}".encode(), hashlib.sha256)
            forged = f"{head}.{part(CLAIMS)}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
            assert READER.read(forged, jwks(key)) is None
            assert READER.read_proof(forged) is None


@pytest.mark.parametrize(
    "members",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/x5u"},
        {"x5c": ["AAAA"]},
    ],
)
def test_extensions_and_keys_from_elsewhere_are_refused(members: dict[str, Any]) -> None:
    """Critical extensions and keys from elsewhere are refused, well signed or not. JW-02."""
    for token in (
        f"{part({'alg': 'ES256', **members})}.{TOKEN.partition('.')[2]}",
        *([signed({"alg": "ES256", **members}, EC)] if "b64" not in members else []),
    ):
        assert READER.read(token, ALL) is None
    if "b64" not in members:
        assert READER.read_proof(proof(**members)) is None


@pytest.mark.parametrize("jwk", [EC.as_dict(private=False), ECKey.generate_key().as_dict()])
def test_an_assertion_brings_no_key(jwk: dict[str, Any]) -> None:
    """A key in an assertion's header is refused, the registered one included. JW-02."""
    key = ECKey.generate_key() if jwk["x"] != EC.as_dict()["x"] else EC
    assert READER.read(signed({"alg": "ES256", "jwk": jwk}, key), ALL) is None


def test_the_kid_of_another_key_is_refused() -> None:
    """A kid names the key that is tried, and no other. TE-09."""
    other = ECKey.generate_key("P-256", auto_kid=True)
    for kid in (other.kid, "unknown", KEYS["ES384"].kid, RSA.kid):
        assert READER.read(signed({"alg": "ES256", "kid": kid}, EC), jwks(EC, other)) is None
    assert READER.read(signed({"alg": "ES256", "kid": EC.kid}, other), jwks(EC, other)) is None


@pytest.mark.parametrize("type_", ["dpop+jwt", "at+jwt", "secevent+jwt", ""])
def test_another_kind_of_token_is_no_assertion(type_: str) -> None:
    """A proof, or another kind of token by the client's key, is no assertion. RFC 8725 3.11."""
    assert READER.read(signed({"alg": "ES256", "typ": type_}, EC), ALL) is None


@pytest.mark.parametrize("type_", ["JWT", "DPOP+JWT", "application/dpop+jwt", "at+jwt", ""])
def test_another_kind_of_token_is_no_proof(type_: str) -> None:
    """Only the type dpop+jwt is a proof. DP-02."""
    assert READER.read_proof(proof(typ=type_)) is None


@pytest.mark.parametrize("jwk", UNFIT.values(), ids=UNFIT.keys())
def test_an_unfit_key_is_refused(jwk: dict[str, Any]) -> None:
    """Private, symmetric, weak, huge and odd keys neither prove nor are registered. JW-02."""
    rest = proof().partition(".")[2]
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk}
    assert READER.read_proof(f"{part(header)}.{rest}") is None
    assert READER.read(TOKEN, jwks(EC, jwk)) is None
    with pytest.raises(ValueError, match=r"^key 2: [^\n]+$"):
        public_jwks(jwks(EC, jwk))


def test_a_changed_character_is_refused() -> None:
    """No character of an assertion or a proof can be another one. TE-09."""
    for token in (TOKEN, proof()):
        for position, letter in enumerate(token):
            changed = token[:position] + ("B" if letter == "A" else "A") + token[position + 1 :]
            assert READER.read(changed, ALL) is None
            assert READER.read_proof(changed) is None


@given(st.text() | st.lists(st.text(), max_size=4).map(".".join) | st.binary().map(repr))
@example("." * 20_000)
@example(TOKEN + "A" * 16_384)
@example(urlsafe_b64encode(b"[" * 3000).decode() + ".e30.AA")
@example(urlsafe_b64encode(b'{"alg":' + b"9" * 3000 + b"}").decode() + ".e30.AA")
@example("\ud800.\ud800.\ud800")
def test_anything_else_is_refused(text: str) -> None:
    """Whatever is sent, and whatever the set of keys, is refused and nothing is raised. JW-03."""
    assert READER.read(text, ALL) is None
    assert READER.read(TOKEN, text) is None
    assert READER.read_proof(text) is None


@given(
    st.dictionaries(
        st.sampled_from(["alg", "typ", "jwk", "kid", "crit", "b64", "x5u"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(ALGORITHMS),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["kty", "x"]), inner),
        ),
    )
)
def test_an_odd_header_is_refused(header: dict[str, Any]) -> None:
    """Members of whatever type in a header are refused, and nothing is raised. JW-02."""
    rest = TOKEN.partition(".")[2]
    assert READER.read(f"{part(header)}.{rest}", ALL) is None
    assert READER.read_proof(f"{part({**header, 'typ': 'dpop+jwt'})}.{rest}") is None


def test_a_set_is_kept_in_compact_form() -> None:
    """A set that an operator gives keeps its public members alone. RFC 7517 5."""
    members = EC.as_dict(private=False)
    told = json.dumps({"keys": [{**members, "x5t": "AAAA"}], "more": 1}, indent=2)
    kept = public_jwks(told)
    assert (json.loads(kept), " " in kept) == ({"keys": [members]}, False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is not a JWK set"),
        ("[" * 100_000, "it is not a JWK set"),
        ("[]", "it is not a JWK set"),
        ('{"keys": 5}', "it is not a JWK set"),
        ('{"keys": []}', "it must have 1 to 10 keys"),
        (jwks(*[EC] * 11), "it must have 1 to 10 keys"),
        (jwks(EC, EC), "two keys have the same kid"),
        ('{"keys": [5]}', "it is not a JWK set|key 1: it is not an object"),
    ],
)
def test_a_bad_set_is_told(text: str, told: str) -> None:
    """What cannot be a client's keys is told in one line. RFC 7517 5."""
    with pytest.raises(ValueError, match=f"^({told})$"):
        public_jwks(text)
