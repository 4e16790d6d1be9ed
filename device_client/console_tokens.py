"""The token file of a program on a computer: where it is, and what it is good for. CPython only."""

import json
import os
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile

from .private_file import PrivateTokenFile


class NoPlace(OSError):
    """Tokens cannot be kept here."""


class ScopedTokenFile(PrivateTokenFile):
    """A token file that has nothing for who wants more than its tokens were asked for."""

    def __init__(self, path: str, issuer: str, client_id: str, scope: str) -> None:
        super().__init__(path, issuer, client_id)
        self._scope = scope

    def load(self) -> dict[str, str]:
        """As `TokenFile.load`, with the scope that was asked for."""
        kept = super().load()
        return kept if covers(kept, self._scope) else {}

    def save(self, kept: dict[str, object]) -> None:
        """As `PrivateTokenFile.save`; a renewal keeps the scope of the sign-in."""
        before = self.load()
        if kept:
            super().save(kept | {"scope": before.get("scope", self._scope)})
        elif before:  # and never the tokens of another scope
            super().save({})


def make_place(path: Path) -> None:
    """Make the folder of the token file; NoPlace when no such file can be kept there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        with TemporaryFile(dir=path.parent):  # before a person has had the trouble
            pass
    except OSError as problem:
        raise NoPlace(str(problem)) from None


def default_path(issuer: str, client_id: str) -> Path:
    """Where the tokens of this client of this issuer are kept (XDG Base Directory)."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    name = sha256(f"{issuer}\n{client_id}".encode()).hexdigest()[:16]
    return folder / "pairlight" / f"{name}.json"


def covers(kept: dict[str, str], scope: str) -> bool:
    """Whether `kept` tokens are good for `scope` (RFC 6749 section 3.3), as far as is known."""
    return set(scope.split()) <= set(str(kept.get("scope", scope)).split())


def unusable(path: Path, issuer: str, client_id: str, scope: str) -> str:
    """What is wrong with the token file there; empty when nothing is, or when there is none."""
    try:
        owner, kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return ""
    except (ValueError, TypeError, RecursionError):
        return "is damaged"
    if owner != [issuer, client_id]:
        return "is another client's"
    if not isinstance(kept, dict):
        return "is damaged"
    return "" if covers(kept, scope) else "is for less than this scope"


def forget(path: Path) -> None:
    """Delete the token file, and what a power cut may have left of it; OSError."""
    for ending in ("", ".new", ".lock"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
