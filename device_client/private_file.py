"""The token file of a computer, which may have many users and many processes. CPython only."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .flow import DeviceFlow
from .run import Runner
from .token_file import TokenFile


class PrivateTokenFile(TokenFile):
    """A `TokenFile` for its owner's eyes only, on the disk before anyone sees what is in it.

    It keeps tokens alone. The codes of a sign-in that was cut short belong to the process that
    shows them, and another one may be signing in at the same time.
    """

    def save(self, kept: dict[str, object]) -> None:
        """As `TokenFile.save`, but for codes."""
        if "device_code" in kept:
            return
        new = Path(self.path + ".new")
        new.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(new, flags, 0o600), "w", encoding="utf-8") as file:
            json.dump([self._owner, kept], file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process or thread renews what is in the file."""
        lock = os.open(self.path + ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


class PrivateRunner(Runner):
    """A `Runner` with such a file, whose refresh token is used by one at a time."""

    token_file: PrivateTokenFile

    def renew(self, client_id: str) -> DeviceFlow | None:
        """As `Runner.renew`."""
        with self.token_file.alone():
            return super().renew(client_id)
