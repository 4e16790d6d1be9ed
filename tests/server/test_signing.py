"""Access tokens and the keys behind them."""

import hashlib
import hmac
import json
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from server.core.ports import StoreUnavailable
from server.core.settings import Settings
from server.key_schedule import PUBLISHED_FIRST
from server.signing import LOOK_EVERY, SPARE, SealError, SigningKeys, generate_key, seal, unseal
from server.storage.database import Database, open_database
from server.storage.signing_keys import SQLSigningKeys
from tests.fakes import FakeClock

SECRET = b"k" * 32
LIFETIME = 90 * 86400


class Room:
    """A database with keys, and the processes that use it by one clock."""

    def __init__(self, directory: str | Path) -> None:
        self.clock = FakeClock()
        self.database: Database = open_database(f"sqlite:///{directory}/pairlight.db")
        self.database.migrate()
        self.store = SQLSigningKeys(self.database)

    def process(self, secret: bytes = SECRET) -> SigningKeys:
        """Start a process."""
        settings = Settings(signing_key_lifetime=LIFETIME)
        return SigningKeys(self.store, secret, self.clock, settings)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Give an empty database."""
    room = Room(tmp_path)
    yield room
    room.database.close()


def _first() -> tuple[SigningKeys, ECKey]:
    with TemporaryDirectory() as directory:
        room = Room(directory)
        keys = room.process()
        sealed = next(key.sealed for key in room.store.all() if key.algorithm == "ES256")
        room.database.close()
    key = unseal(sealed, SECRET)
    assert isinstance(key, ECKey)
    return keys, key


KEYS, KEY = _first()  # its clock stands still, so that it needs its database no more
CLAIMS = {"sub": "ada", "scope": "profile"}
TOKEN = KEYS.sign(CLAIMS)
BASE64URL = string.ascii_letters + string.digits + "-_"


def part(members: object) -> str:
    """Write one part of a token."""
    return urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def header(**members: object) -> dict[str, object]:
    """Return the header of a good token, changed."""
    return {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, **members}


def signed(members: Mapping[str, Any], key: ECKey | RSAKey = KEY) -> str:
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


@pytest.mark.parametrize("signature", ["", "AA", TOKEN.rpartition(".")[2]], ids=["", "AA", "ours"])
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


def test_published_keys_are_public() -> None:
    """The key set names each key and its use, and no private member. RFC 7517 9.3."""
    one, other = sorted(KEYS.jwks()["keys"], key=lambda key: str(key["alg"]))
    assert one.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert other.keys() == {"kty", "n", "e", "kid", "use", "alg"}
    assert (one["kid"], one["alg"], other["alg"]) == (KEY.thumbprint(), "ES256", "RS256")


def test_a_published_key_verifies() -> None:
    """Anyone can check a token with what is published. RFC 9068 4."""
    published = next(key for key in KEYS.jwks()["keys"] if key["kty"] == "EC")
    assert jwt.decode(TOKEN, ECKey.import_key(published), algorithms=["ES256"]).claims == CLAIMS


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_an_id_token_is_no_access_token(algorithm: str) -> None:
    """ID tokens and access tokens come back as what they are, never as the other. JW-01."""
    id_token = KEYS.sign_id_token(CLAIMS, algorithm)
    assert (KEYS.verify_id_token(id_token), KEYS.verify(id_token)) == (CLAIMS, None)
    assert KEYS.verify_id_token(TOKEN) is None


def test_a_changed_id_token_is_refused() -> None:
    """No character of an RS256 token can be another one. TE-09."""
    token = KEYS.sign_id_token(CLAIMS, "RS256")
    for position, letter in enumerate(token):
        other = BASE64URL[BASE64URL.find(letter) ^ 1]
        assert KEYS.verify_id_token(token[:position] + other + token[position + 1 :]) is None


def kids(keys: SigningKeys, algorithm: str = "ES256") -> list[str]:
    """Return the names of the published keys."""
    return [str(key["kid"]) for key in keys.jwks()["keys"] if key["alg"] == algorithm]


def signs_with(keys: SigningKeys) -> str:
    """Return the name of the key that signs."""
    return str(json.loads(urlsafe_b64decode(keys.sign(CLAIMS).split(".")[0] + "=="))["kid"])


def test_a_successor_is_published_before_it_signs(room: Room) -> None:
    """A key past its lifetime signs on until all have seen its successor. RFC 7517 5."""
    keys = room.process()
    (old,) = kids(keys)
    room.clock.advance(LIFETIME)
    assert kids(keys)[0] == old
    assert (len(kids(keys)), len(kids(keys, "RS256"))) == (2, 2)
    room.clock.advance(PUBLISHED_FIRST - 1)
    assert signs_with(keys) == old
    room.clock.advance(LOOK_EVERY)
    assert signs_with(keys) == kids(keys)[1]


def test_an_old_key_stays_until_its_tokens_expired(room: Room) -> None:
    """What the old key signed last is verified for its whole life; then the key is gone. TE-09."""
    keys = room.process()
    (old,) = kids(keys)
    room.clock.advance(LIFETIME)
    token = keys.sign(CLAIMS)
    room.clock.advance(PUBLISHED_FIRST + 3600 + SPARE - 1)
    assert keys.verify(token) == CLAIMS
    room.clock.advance(LOOK_EVERY)
    assert keys.verify(token) is None
    assert old not in kids(keys)
    assert old not in [key.kid for key in room.store.all()]


def test_processes_agree(room: Room) -> None:
    """Of many processes one makes the successor, and the others notice within a minute. STM-01."""
    processes = [room.process() for _ in range(3)]
    room.clock.advance(LIFETIME)
    threads = [Thread(target=one.jwks) for one in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.clock.advance(LOOK_EVERY)
    first, *others = [kids(one) for one in processes]
    assert (len(first), others) == (2, [first] * 2)


def test_a_key_of_another_process_is_noticed(room: Room) -> None:
    """A rotation by hand is published everywhere within a minute. STM-01."""
    keys, other = room.process(), room.process()
    made = other.rotate()
    assert len(kids(keys)) == 1
    room.clock.advance(LOOK_EVERY)
    assert kids(keys)[1] == made[0].kid


def test_a_clock_set_back_breaks_nothing(room: Room) -> None:
    """Whatever the clock says, a key signs and its tokens are good. JW-01."""
    keys = room.process()
    made = room.process().rotate()[0].kid
    room.clock.advance(PUBLISHED_FIRST + 1)
    assert signs_with(keys) == made
    token = keys.sign(CLAIMS)
    room.clock.advance(-LIFETIME)
    assert (keys.verify(token), keys.verify(keys.sign(CLAIMS))) == (CLAIMS, CLAIMS)
    assert room.process().verify(token) == CLAIMS
    assert room.process().rotate()[0].created_at > max(
        key.created_at for key in room.store.all()[:4]
    )


def test_a_lost_store_changes_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Known keys go on when the store is away, which is told once. LO-02."""
    keys = room.process()
    token = keys.sign(CLAIMS)

    @contextmanager
    def lost() -> Iterator[None]:
        raise StoreUnavailable("away")
        yield

    monkeypatch.setattr(room.database, "reading", lost)
    for _ in range(3):
        room.clock.advance(LOOK_EVERY)
        assert (keys.verify(token), keys.verify(keys.sign(CLAIMS))) == (CLAIMS, CLAIMS)
    assert [record.name for record in caplog.records] == ["pairlight.signing"]


def test_one_thread_looks(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one thread looks for new keys, others sign with the known ones. STM-01."""
    keys = room.process()
    inside, go_on = Event(), Event()
    look = room.store.all

    def slow() -> object:
        inside.set()
        assert go_on.wait(10)
        return look()

    monkeypatch.setattr(room.store, "all", slow)
    room.clock.advance(LOOK_EVERY)
    looking = Thread(target=keys.jwks)
    looking.start()
    assert inside.wait(10)
    assert keys.verify(keys.sign(CLAIMS)) == CLAIMS
    go_on.set()
    looking.join()


def test_another_secret_opens_nothing(room: Room) -> None:
    """A process with another secret does not start and changes nothing. LO-02, COD-05."""
    room.process()
    before = room.store.all()
    room.clock.advance(LIFETIME)
    with pytest.raises(SealError):
        room.process(b"x" * 32)
    assert room.store.all() == before


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
