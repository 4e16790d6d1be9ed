"""Passwords, kept slow to guess by argon2id (OWASP ASVS 11.4.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

from server.core.ports import StoreUnavailable

_AT_ONCE = 2  # each takes 64 MiB and cores that polls need; more would not be faster
_PATIENCE = 5.0  # seconds to wait for a turn; a flood of sign-ins is told to come again


class Argon2PasswordHasher:
    """Hashes with the library's parameters, which follow RFC 9106's low-memory choice."""

    def __init__(self) -> None:
        self._argon2 = Argon2()
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._nobody = _hash_of_nobody(self._argon2)

    def hash(self, password: str) -> str:
        """Return a salted hash. Raises StoreUnavailable when too many ask at once."""
        with self._turn():
            return self._argon2.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password; None takes the same time and says no. Raises StoreUnavailable."""
        try:
            with self._turn():
                self._argon2.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=_PATIENCE):
            raise StoreUnavailable("too many sign-ins at once")
        try:
            yield
        finally:
            self._turns.release()


def _hash_of_nobody(argon2: Argon2) -> str:
    """Return a hash that no password fits, and that takes as long to check as any other."""
    parameters = f"m={argon2.memory_cost},t={argon2.time_cost},p={argon2.parallelism}"
    salt, digest = "A" * 22, "A" * 43  # 16 and 32 bytes in base64
    return f"$argon2id$v=19${parameters}${salt}${digest}"
