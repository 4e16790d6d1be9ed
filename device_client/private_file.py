"""The token file of a computer, which may have many users. CPython only."""

import json
import os
from pathlib import Path

from .token_file import TokenFile


class PrivateTokenFile(TokenFile):
    """A `TokenFile` for its owner's eyes only, on the disk before anyone sees what is in it."""

    def save(self, kept: dict[str, object]) -> None:
        """As `TokenFile.save`."""
        new = Path(self.path + ".new")
        new.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(new, flags, 0o600), "w", encoding="utf-8") as file:
            json.dump([self._owner, kept], file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
