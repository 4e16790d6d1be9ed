"""Token files, here and on a real MicroPython: token_file_scenarios.py holds the facts."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from device_client.private_file import PrivateRunner, PrivateTokenFile
from tests.device_client import scenarios, token_file_scenarios
from tests.device_client.conftest import OnBoard
from tests.device_client.fakes import METADATA, Display


@pytest.mark.parametrize("scenario", scenarios.of(token_file_scenarios))
def test_token_file(scenario: scenarios.Scenario, tmp_path: Path) -> None:
    """Each scenario holds on CPython."""
    scenario(str(tmp_path / "tokens.json"))


@pytest.mark.parametrize("scenario", scenarios.of(token_file_scenarios))
def test_private_token_file(
    scenario: scenarios.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each scenario holds for the file of a computer. CL-15."""
    monkeypatch.setattr(token_file_scenarios, "TokenFile", PrivateTokenFile)
    scenario(str(tmp_path / "tokens.json"))


def test_token_file_on_a_board(on_board: OnBoard, tmp_path: Path) -> None:
    """Every scenario holds on MicroPython too. CL-15."""
    printed = on_board(scenarios.on_board(token_file_scenarios, f"{tmp_path}/"))
    assert printed.endswith(scenarios.all_held(token_file_scenarios))


def test_codes_are_not_for_others(tmp_path: Path) -> None:
    """A computer keeps no codes: another process would show them as its own. CL-14."""
    token_file = PrivateTokenFile(str(tmp_path / "tokens"), "https://as.example", "tv")
    token_file.save({"access_token": "a"})
    token_file.save({"device_code": "d", "code_verifier": "v"})
    assert token_file.load() == {"access_token": "a"}


def test_one_renews_at_a_time(tmp_path: Path) -> None:
    """Whoever comes second uses the refresh token that the first one was given. CL-15."""
    path = str(tmp_path / "tokens")
    PrivateTokenFile(path, "https://as.example", "tv").save({"refresh_token": "0"})
    presented = []

    def fetch(_url: str, form: dict[str, str], **_: object) -> tuple[int, bytes]:
        presented.append(form["refresh_token"])
        answer = {"access_token": "a", "token_type": "Bearer"}
        answer["refresh_token"] = str(int(form["refresh_token"]) + 1)
        return 200, json.dumps(answer).encode()

    def renew() -> None:
        token_file = PrivateTokenFile(path, "https://as.example", "tv")
        PrivateRunner(
            METADATA, fetch, token_file, Display(), lambda: 0, lambda _: None, os.urandom
        ).renew("tv")

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert presented == [str(number) for number in range(8)]


def test_for_the_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else can read the file, from before its first byte. CL-12."""
    modes = []
    replace = Path.replace

    def spy(old: Path, new: str) -> None:
        modes.append(stat.S_IMODE(old.stat().st_mode))
        replace(old, new)

    monkeypatch.setattr(Path, "replace", spy)
    PrivateTokenFile(str(tmp_path / "tokens"), "https://as.example", "tv").save(
        {"access_token": "a"}
    )
    assert modes == [0o600]


def test_planted_link_is_not_followed(tmp_path: Path) -> None:
    """A link where the new file goes does not lead the tokens elsewhere. CL-12."""
    (tmp_path / "tokens.new").symlink_to(tmp_path / "elsewhere")
    PrivateTokenFile(str(tmp_path / "tokens"), "https://as.example", "tv").save(
        {"access_token": "a"}
    )
    assert not (tmp_path / "elsewhere").exists()


def test_failed_save_keeps_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save that fails before the rename leaves the old tokens good. CL-15."""
    token_file = PrivateTokenFile(str(tmp_path / "tokens"), "https://as.example", "tv")
    token_file.save({"access_token": "old"})
    monkeypatch.setattr(os, "fsync", _full_disk)
    with pytest.raises(OSError, match="full"):
        token_file.save({"access_token": "new"})
    assert token_file.load() == {"access_token": "old"}


def _full_disk(_: int) -> None:
    raise OSError("disk full")
