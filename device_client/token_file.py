"""Tokens that survive a restart and a power cut: one JSON file for one issuer and client.

No expiry is kept. A board's clock may be unset, and its 0 is 1970 on some and 2000 on others:
refresh at the start, or when a resource server answers 401.
"""

import json
import os


class TokenFile:
    """The file at `path`, for this issuer and client only."""

    def __init__(self, path: str, issuer: str, client_id: str) -> None:
        self.path = path
        self._owner = [issuer, client_id]

    def load(self) -> dict[str, str]:
        """What `save` was given; empty when there is nothing, or nothing that can be used."""
        try:
            with open(self.path) as file:
                owner, kept = json.load(file)
            if owner == self._owner:
                return dict(kept)
        except (OSError, ValueError, TypeError, RuntimeError):
            pass
        return {}

    def save(self, kept: dict[str, object]) -> None:
        """Put `kept` in place of what was there; an OSError leaves that."""
        new = self.path + ".new"
        with open(new, "w") as file:
            json.dump([self._owner, kept], file)
        os.rename(new, self.path)
