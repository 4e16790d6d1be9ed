"""JOSE through joserfc: signing keys, access tokens (RFC 9068), ID tokens and the published set."""

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from server.core.ports import Clock, StoreUnavailable
from server.core.settings import Settings
from server.core.tokens import ID_TOKEN_LIFETIME
from server.key_schedule import born_at, is_due, outlived, signing
from server.storage.signing_keys import SealedKey, SQLSigningKeys

ALGORITHMS = ("ES256", "RS256")  # one key of each signs at any time
LOOK_EVERY = 60  # seconds; another process may have made a key
SPARE = 300  # seconds that an old key stays beyond what it signed: clocks differ
_ACCESS_ALGORITHM = "ES256"
_ACCESS_TYPE = "at+jwt"  # RFC 9068 2.1: never to be taken for another kind of token
_ID_TYPE = "JWT"
_SEALING = {"alg": "dir", "enc": "A256GCM"}

_log = logging.getLogger("pairlight.signing")


class SealError(Exception):
    """A private key cannot be opened: it was sealed with another secret, or damaged."""


class _Set(NamedTuple):
    """The keys at one time: those that sign, and all that verify."""

    signing: Mapping[str, ECKey | RSAKey]  # by algorithm
    published: KeySet
    jwks: Mapping[str, Any]
    at: float


class SigningKeys:
    """Plays `server.core.ports.Signer`. Raises SealError when the secret is another one."""

    def __init__(
        self, store: SQLSigningKeys, sealing_key: bytes, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._sealing_key = sealing_key
        self._clock = clock
        self._key_lifetime = settings.signing_key_lifetime
        self._kept_for = max(settings.access_token_lifetime, ID_TOKEN_LIFETIME) + SPARE
        self._unsealed: dict[str, ECKey | RSAKey] = {}
        self._looking = threading.Lock()
        self._failing = False
        now = clock()
        self._found = self._renewed(now)
        self._set = self._arranged(self._found, now)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a signed access token with these claims."""
        return self._sign(claims, _ACCESS_ALGORITHM, _ACCESS_TYPE)

    def sign_id_token(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """Return a signed ID token with these claims."""
        return self._sign(claims, algorithm, _ID_TYPE)

    def verify(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an access token that we signed, or None."""
        return self._verify(token, [_ACCESS_ALGORITHM], _ACCESS_TYPE)

    def verify_id_token(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an ID token that we signed, or None."""
        return self._verify(token, list(ALGORITHMS), _ID_TYPE)

    def jwks(self) -> Mapping[str, Any]:
        """Return the public keys."""
        return self._current().jwks

    def kept(self) -> list[SealedKey]:
        """Return every key that is kept, sealed, oldest first."""
        return self._store.all()

    def rotate(self) -> list[SealedKey]:
        """Make a successor for each algorithm, whether one is due or not; return them."""
        now = self._clock()
        made: list[SealedKey] = []

        def add(keys: Sequence[SealedKey]) -> Sequence[SealedKey]:
            made.extend(self._successor(one, keys, now) for one in ALGORITHMS)
            return made

        self._store.change(add)
        return made

    def _sign(self, claims: Mapping[str, Any], algorithm: str, kind: str) -> str:
        key = self._current().signing[algorithm]
        header = {"alg": algorithm, "typ": kind, "kid": key.kid}
        # By jws rather than jwt, which looks at each claim first: a fifth of the time.
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return jws.serialize_compact(header, payload, key, algorithms=[algorithm])

    def _verify(self, token: str, algorithms: list[str], kind: str) -> Mapping[str, Any] | None:
        try:
            found = jwt.decode(token, self._current().published, algorithms=algorithms)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # Strangers write these headers: `"crit": 1` and the like trip the library.
            return None
        return found.claims if found.header.get("typ") == kind else None

    def _current(self) -> _Set:
        """Return the keys, looked up now and then by one thread; the others do not wait."""
        now = self._clock()
        if 0 <= now - self._set.at < LOOK_EVERY or not self._looking.acquire(blocking=False):
            return self._set
        try:
            self._look(now)
        finally:
            self._looking.release()
        return self._set

    def _look(self, now: float) -> None:
        """See which keys there are now; when nobody can say, go on with those that were."""
        try:
            found = self._renewed(now)
            arranged = self._arranged(found, now)
        except (StoreUnavailable, SealError) as error:
            if not self._failing:
                _log.warning("signing keys cannot be looked up, the known ones go on: %s", error)
            self._failing = True
            self._set = self._arranged(self._found, now)
        else:
            self._failing = False
            self._found, self._set = found, arranged

    def _renewed(self, now: float) -> list[SealedKey]:
        """Return all keys, with those added that are due and without those that outlived theirs."""
        found = self._store.all()
        # Before new ones are made, the old ones must open: the secret may be another one.
        self._arranged(found, now)
        if not self._missing(found, now) and not outlived(found, now, self._kept_for):
            return found
        return self._store.change(
            lambda keys: [self._successor(one, keys, now) for one in self._missing(keys, now)],
            lambda keys: [key.kid for key in outlived(keys, now, self._kept_for)],
        )

    def _missing(self, keys: Sequence[SealedKey], now: float) -> list[str]:
        return [one for one in ALGORITHMS if is_due(keys, one, now, self._key_lifetime)]

    def _successor(self, algorithm: str, keys: Sequence[SealedKey], now: float) -> SealedKey:
        key = generate_key(algorithm)
        self._unsealed[key.thumbprint()] = key
        sealed = seal(key, self._sealing_key)
        return SealedKey(key.thumbprint(), algorithm, sealed, born_at(keys, algorithm, now))

    def _arranged(self, keys: Sequence[SealedKey], now: float) -> _Set:
        gone = outlived(keys, now, self._kept_for)
        kept = [key for key in keys if key not in gone]
        opened = {key.kid: self._opened(key) for key in kept}
        self._unsealed = opened
        public = [
            {**opened[key.kid].as_dict(private=False), "use": "sig", "alg": key.algorithm}
            for key in kept
        ]
        at_work = {one: opened[signing(kept, one, now).kid] for one in {k.algorithm for k in kept}}
        return _Set(at_work, KeySet(list(opened.values())), {"keys": public}, now)

    def _opened(self, key: SealedKey) -> ECKey | RSAKey:
        return self._unsealed.get(key.kid) or unseal(key.sealed, self._sealing_key)


def generate_key(algorithm: str = _ACCESS_ALGORITHM) -> ECKey | RSAKey:
    """Make a signing key, named by its thumbprint (RFC 7638)."""
    if algorithm == "RS256":
        return RSAKey.generate_key(2048, auto_kid=True)
    return ECKey.generate_key("P-256", auto_kid=True)


def seal(key: ECKey | RSAKey, sealing_key: bytes) -> str:
    """Encrypt a private key for the database, which alone must not be enough to sign."""
    private = json.dumps(key.as_dict(private=True)).encode()
    return jwe.encrypt_compact(_SEALING, private, OctKey.import_key(sealing_key))


def unseal(sealed: str, sealing_key: bytes) -> ECKey | RSAKey:
    """Decrypt a private key. Raises SealError when it was sealed with another secret."""
    try:
        opened = jwe.decrypt_compact(sealed, OctKey.import_key(sealing_key))
        private = json.loads(opened.plaintext or b"")
        return (RSAKey if private["kty"] == "RSA" else ECKey).import_key(private)
    except (JoseError, ValueError) as error:
        raise SealError("sealed with another secret") from error
