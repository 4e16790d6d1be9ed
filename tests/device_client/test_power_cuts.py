"""The power goes at every single step of saving: what is found afterwards is the old or the new."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from device_client import private_file, token_file
from device_client.private_file import PrivateTokenFile
from device_client.token_file import TokenFile
from tests.device_client import flash_scenarios, scenarios
from tests.device_client.conftest import OnBoard

OLD: dict[str, Any] = {"access_token": "a" * 64, "refresh_token": "old"}
NEW: dict[str, Any] = {"access_token": "b" * 64, "refresh_token": "new"}


class PowerCut(BaseException):
    """The computer is off."""


class Disk:
    """A disk of a computer with a cache: it does so many steps, and what is not synced is lost."""

    def __init__(self, steps: int, patch: pytest.MonkeyPatch) -> None:
        self._left = steps
        self._synced = False
        self.target: Path | None = None
        self._rename, self._unlink = os.rename, Path.unlink
        for module in (token_file, private_file):
            patch.setattr(module, "open", self._open, raising=False)
        patch.setattr(os, "open", lambda path, *_: path)
        patch.setattr(os, "rename", self._replace)
        patch.setattr(Path, "replace", lambda old, new: self._replace(old, Path(new)))
        patch.setattr(Path, "unlink", lambda path, **_: self._remove(path))
        patch.setattr(os, "fsync", self._sync)

    def step(self) -> None:
        """One thing more, or the end."""
        if not self._left:
            if self.target and not self._synced:
                self.target.write_text("")
            raise PowerCut
        self._left -= 1

    def _open(self, path: str | Path, *_: str, **__: str) -> "CachedFile":
        self.step()
        self.target = Path(path)
        return CachedFile(self, self.target)

    def _sync(self, _: int) -> None:
        self.step()
        self._synced = True

    def _replace(self, old: str | Path, new: str | Path) -> None:
        self.step()
        self._rename(old, new)
        self.target = Path(new)
        self.step()

    def _remove(self, path: Path) -> None:
        self.step()
        self._unlink(path, missing_ok=True)


class CachedFile(StringIO):
    """A file in which every character is a step; but it is all or nothing what gets further."""

    def __init__(self, disk: Disk, path: Path) -> None:
        super().__init__()
        self._disk = disk
        self._path = path

    def write(self, text: str) -> int:
        """Write it, or as much of it as there is power for."""
        for _ in text:
            self._disk.step()
        return super().write(text)

    def flush(self) -> None:
        """Let the disk have it, in its cache."""
        self._path.write_text(self.getvalue())

    def close(self) -> None:
        """End it."""
        self.flush()
        super().close()

    def fileno(self) -> int:
        """Return a number that only this disk knows."""
        return 0


def cut_at_every_step(kind: type[TokenFile], folder: Path, old: dict[str, Any]) -> list[Any]:
    """Return what is loaded after a cut at the first step, the second, and so on to the last."""
    tokens = kind(str(folder / "tokens"), "https://as.example", "tv")
    loaded: list[Any] = []
    saved = False
    while not saved:
        tokens.save(old)
        with pytest.MonkeyPatch.context() as patch:
            Disk(len(loaded), patch)
            try:
                tokens.save(NEW)
                saved = True
            except PowerCut:
                pass
        loaded.append(tokens.load())
    return loaded


@pytest.mark.parametrize("old", [OLD, {}], ids=["tokens", "nothing"])
def test_computer(tmp_path: Path, old: dict[str, Any]) -> None:
    """A cut at any byte leaves what was there or what was saved, and never less. CL-15."""
    loaded = cut_at_every_step(PrivateTokenFile, tmp_path, old)
    assert len(loaded) > len(str(NEW))
    assert [kept for kept in loaded if kept not in (old, NEW)] == []
    assert (loaded[0], loaded[-1]) == (old, NEW)


def test_disk_with_a_cache(tmp_path: Path) -> None:
    """Without syncing, a rename could outlive what it names: a computer needs more. CL-15."""
    assert {} in cut_at_every_step(TokenFile, tmp_path, OLD)


def test_board(on_board: OnBoard) -> None:
    """On littlefs a cut at any write leaves the old or the new, without syncing. CL-15."""
    printed = on_board(scenarios.on_board(flash_scenarios), heap="64m")
    assert printed.endswith(scenarios.all_held(flash_scenarios))
