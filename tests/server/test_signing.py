"""Access tokens and the keys behind them."""

import hashlib
import hmac
import json
import string
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from server.signing import SealError, SigningKeys, generate_key, seal, unseal

KEY = generate_key()
KEYS = SigningKeys([KEY])
CLAIMS = {"sub": "ada", "scope": "profile"}
TOKEN = KEYS.sign(CLAIMS)
BASE64URL = string.ascii_letters + string.digits + "-_"


def part(members: object) -> str:
    """Write one part of a token."""
    return urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def header(**members: object) -> dict[str, object]:
    """Return the header of a good token, changed."""
    return {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, **members}


def signed(members: Mapping[str, Any], key: ECKey = KEY) -> str:
    """Sign the claims with whatever header."""
    return jwt.encode(dict(members), CLAIMS, key, algorithms=["ES256"])


def test_a_token_comes_back() -> None:
    """What was signed is verified, claim by claim. JW-01."""
    assert KEYS.verify(TOKEN) == CLAIMS


def test_a_token_says_what_it_is() -> None:
    """The header has the type of access tokens, ES256 and the key's name. JW-01."""
    found = jwt.decode(TOKEN, KEY, algorithms=["ES256"]).header
    assert found == header()


@pytest.mark.parametrize("type_", ["JWT", "jwt", "AT+JWT", "application/at+jwt", "", 5])
def test_another_type_is_refused(type_: object) -> None:
    """A token of another type, signed by our key, is no access token. JW-01."""
    assert KEYS.verify(f"{part(header(typ=type_))}.{TOKEN.partition('.')[2]}") is None
    if isinstance(type_, str):
        assert KEYS.verify(signed(header(typ=type_))) is None


def test_a_missing_type_is_refused() -> None:
    """A token without a type is no access token. JW-01."""
    assert KEYS.verify(signed({"alg": "ES256", "kid": KEY.kid})) is None


@pytest.mark.parametrize("signature", ["", "AA", TOKEN.rpartition(".")[2]])
def test_no_algorithm_is_refused(signature: str) -> None:
    """`none` is never an algorithm, with or without a signature. JW-02."""
    for name in ("none", "None", "NONE"):
        assert KEYS.verify(f"{part(header(alg=name))}.{part(CLAIMS)}.{signature}") is None


@pytest.mark.parametrize("private", [False, True])
def test_our_key_is_no_shared_secret(private: bool) -> None:
    """An HMAC under the published key, taken for a shared secret, is refused. JW-02."""
    signing_input = f"{part(header(alg='HS256'))}.{part(CLAIMS)}"
    for secret in (
        KEY.as_pem(private=private),
        json.dumps(KEY.as_dict(private=private)).encode(),
    ):
        mac = hmac.digest(secret, signing_input.encode(), hashlib.sha256)
        forged = urlsafe_b64encode(mac).rstrip(b"=").decode()
        assert KEYS.verify(f"{signing_input}.{forged}") is None


def test_a_shared_secret_is_refused() -> None:
    """HS256 is not taken, whatever the key. JW-02."""
    forged = jwt.encode(
        {"alg": "HS256", "typ": "at+jwt"}, CLAIMS, OctKey.generate_key(256), algorithms=["HS256"]
    )
    assert KEYS.verify(forged) is None


@pytest.mark.parametrize("members", [{}, {"kid": "another"}])
def test_a_foreign_key_is_refused(members: dict[str, object]) -> None:
    """A signature by another key is refused, whichever key it names. TE-09."""
    assert KEYS.verify(signed(header(**members), generate_key())) is None


@pytest.mark.parametrize(
    "members",
    [
        {"jwk": {"kty": "EC"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/x5u"},
        {"crit": ["exp"]},
        {"crit": 1},
        {"crit": ["b64"], "b64": False},
        {"kid": 5},
        {"kid": []},
        {"alg": 5},
        {"alg": ["ES256"]},
        {"alg": None},
    ],
)
def test_an_odd_header_is_refused(members: dict[str, object]) -> None:
    """Keys in the header, critical extensions and wrong types are refused, never raised. JW-02."""
    payload_and_signature = TOKEN.partition(".")[2]
    assert KEYS.verify(f"{part(header(**members))}.{payload_and_signature}") is None


def test_a_changed_character_is_refused() -> None:
    """No character of a token can be another one. TE-09."""
    for position, letter in enumerate(TOKEN):
        for other in {BASE64URL[BASE64URL.find(letter) ^ 1], "A", "."} - {letter}:
            assert KEYS.verify(TOKEN[:position] + other + TOKEN[position + 1 :]) is None


def test_a_truncated_token_is_refused() -> None:
    """No beginning of a token is a token. TE-09, CVE-2026-27840."""
    assert not any(KEYS.verify(TOKEN[:end]) for end in range(len(TOKEN)))


@given(st.text() | st.lists(st.text(BASE64URL), max_size=6).map(".".join))
@example("")
@example("..")
@example(TOKEN + ".")
@example(TOKEN + "=")
@example("." + TOKEN)
@example("bnVsbA.bnVsbA.AAAA")
def test_anything_else_is_refused(text: str) -> None:
    """Whatever is sent as a token is refused, and nothing is raised. JW-03."""
    assert KEYS.verify(text) is None


def test_older_keys_still_verify() -> None:
    """Tokens of an older key are good; new ones are signed by the newest. TE-09."""
    newest = generate_key()
    keys = SigningKeys([KEY, newest])
    assert keys.verify(TOKEN) == CLAIMS
    assert SigningKeys([newest]).verify(keys.sign(CLAIMS)) == CLAIMS


def test_published_keys_are_public() -> None:
    """The key set names each key and its use, and no private member. RFC 7517 9.3."""
    (published,) = KEYS.jwks()["keys"]
    assert published.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert published["kid"] == KEY.thumbprint()


def test_a_published_key_verifies() -> None:
    """Anyone can check a token with what is published. RFC 9068 4."""
    (published,) = KEYS.jwks()["keys"]
    assert jwt.decode(TOKEN, ECKey.import_key(published), algorithms=["ES256"]).claims == CLAIMS


def test_a_sealed_key_comes_back() -> None:
    """A key that was sealed opens with the same secret. COD-05."""
    opened = unseal(seal(KEY, b"k" * 32), b"k" * 32)
    assert opened.as_dict(private=True) == KEY.as_dict(private=True)


def test_a_sealed_key_is_not_readable() -> None:
    """What rests in the database does not hold the private member. COD-05."""
    assert str(KEY.as_dict(private=True)["d"]) not in seal(KEY, b"k" * 32)


@pytest.mark.parametrize(
    ("sealed", "sealing_key"),
    [
        (seal(KEY, b"k" * 32), b"x" * 32),
        (seal(KEY, b"k" * 32)[:-4], b"k" * 32),
        ("", b"k" * 32),
        ("a.b.c.d.e", b"k" * 32),
        (TOKEN, b"k" * 32),
    ],
)
def test_a_key_sealed_otherwise_stays_shut(sealed: str, sealing_key: bytes) -> None:
    """Another secret, or a damaged record, opens nothing and is one kind of error. LO-02."""
    with pytest.raises(SealError):
        unseal(sealed, sealing_key)
