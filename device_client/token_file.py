"""Tokens that survive a restart and a power cut: one JSON file for one issuer and client.

No expiry is kept. A board's clock may be unset, and its 0 is 1970 on some and 2000 on others:
refresh at the start, or when a resource server answers 401.
"""

import json
import os


class TokenFile:
    """The file at `path`, for this issuer and client only.

    After `load`, `problem` says why a file that is there was not used; empty when all is well.
    """

    def __init__(self, path: str, issuer: str, client_id: str) -> None:
        self.path = path
        self.problem = ""
        self._owner = [issuer, client_id]

    def load(self) -> dict[str, str]:
        """What `save` was given, by its RFC 6749 names; empty when there is nothing to use."""
        self.problem = ""
        try:
            with open(self.path) as file:
                owner, tokens = json.load(file)
            if owner != self._owner:
                self.problem = "is another client's"
            elif tokens["access_token"]:
                return tokens
        except OSError:
            pass
        except (ValueError, TypeError, KeyError):
            self.problem = "is damaged"
        return {}

    def save(self, tokens: dict[str, object]) -> None:
        """Put `tokens` in place of the old ones; an OSError leaves those."""
        new = self.path + ".new"
        _remove(new)
        with open(_private(new), "w") as file:
            json.dump([self._owner, tokens], file)
            if hasattr(os, "fsync"):
                file.flush()
                os.fsync(file.fileno())
        os.rename(new, self.path)

    def forget(self) -> None:
        """Leave nothing; no error when there was nothing."""
        _remove(self.path)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        pass


def _private(path: str) -> str | int:
    # CPython makes the file for its owner's eyes only; a board has one owner.
    if not hasattr(os, "open"):
        return path
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL  # type: ignore[attr-defined]
    return os.open(path, flags, 0o600)  # type: ignore[attr-defined]
