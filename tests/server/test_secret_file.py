"""The secret beside the database."""

import os
import stat
from multiprocessing import get_context
from pathlib import Path

import pytest

from server.config import Config, make
from server.config_checks import ConfigError
from server.secret_file import derive, load_secret

PROCESSES = 4


def config_in(directory: Path, secret: str = "") -> Config:
    """Return a configuration whose database is in a directory."""
    return make(database=f"sqlite:///{directory}/pairlight.db", secret=secret)


def entropy_of(letter: str) -> bytes:
    """Return 32 bytes, all the same."""
    return letter.encode() * 32


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """The first start writes the file with mode 0600, whatever the umask. COD-05."""
    old = os.umask(0)
    try:
        load_secret(config_in(tmp_path), os.urandom)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "pairlight.secret").stat().st_mode) == 0o600


def test_it_is_made_once(tmp_path: Path) -> None:
    """Every later start finds the first one's secret, and nothing else is left. COD-05."""
    first = load_secret(config_in(tmp_path), lambda _: b"a" * 32)
    assert load_secret(config_in(tmp_path), lambda _: b"b" * 32) == first
    assert [path.name for path in tmp_path.iterdir()] == ["pairlight.secret"]


def test_it_is_long(tmp_path: Path) -> None:
    """A secret that was made has 256 bits in 43 characters. COD-12."""
    assert len(load_secret(config_in(tmp_path), os.urandom)) == 43


def test_a_configured_one_wins(tmp_path: Path) -> None:
    """With a secret in the configuration, no file is made. COD-05."""
    secret = "a secret for tests, long enough."
    assert load_secret(config_in(tmp_path, secret), os.urandom) == secret.encode()
    assert list(tmp_path.iterdir()) == []


def written(directory: Path, content: str) -> None:
    """Write a secret by hand, for its owner alone."""
    path = directory / "pairlight.secret"
    path.write_text(content)
    path.chmod(0o600)


def test_a_line_ending_is_no_part_of_it(tmp_path: Path) -> None:
    """A file written by hand may end in a newline. COD-05."""
    written(tmp_path, "x" * 32 + "\n")
    assert load_secret(config_in(tmp_path), os.urandom) == b"x" * 32


@pytest.mark.parametrize("content", ["", "\n", "too short", " " * 64])
def test_a_file_without_a_secret_is_refused(tmp_path: Path, content: str) -> None:
    """An empty or short file is never taken for a key. COD-05."""
    written(tmp_path, content)
    with pytest.raises(ConfigError, match="holds no secret of at least 32 characters"):
        load_secret(config_in(tmp_path), os.urandom)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that others on the machine can read is none, and the hint closes it. COD-05."""
    written(tmp_path, "x" * 32)
    path = tmp_path / "pairlight.secret"
    path.chmod(mode)
    with pytest.raises(ConfigError, match="others may read the secret in") as caught:
        load_secret(config_in(tmp_path), os.urandom)
    assert caught.value.hint == f"chmod 600 {path}"


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    """Without the directory there is no place for it, and it says so. LO-02."""
    with pytest.raises(ConfigError, match=r"cannot keep the secret in .*: No such") as caught:
        load_secret(config_in(tmp_path / "nowhere"), os.urandom)
    assert "the key `database` names that directory" in caught.value.hint


def test_an_unwritable_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that takes no file stops the start. LO-02."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(ConfigError, match="Permission denied"):
        load_secret(config_in(tmp_path), os.urandom)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing fails, no half of a secret stays behind. LO-02."""

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ConfigError, match="No space left"):
        load_secret(config_in(tmp_path), os.urandom)
    assert list(tmp_path.iterdir()) == []


def test_the_slower_of_two_takes_the_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that finds a secret where it was about to put its own uses that one. COD-05."""
    link = os.link

    def lose(new: str, path: Path) -> None:
        written(path.parent, "x" * 32)
        link(new, path)

    monkeypatch.setattr("os.link", lose)
    assert load_secret(config_in(tmp_path), os.urandom) == b"x" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["pairlight.secret"]


def race(directory: Path) -> bytes:
    """Load the secret, in a process of its own."""
    return load_secret(config_in(directory), os.urandom)


def test_processes_agree(tmp_path: Path) -> None:
    """Processes that start at once all have one secret. COD-05."""
    with get_context("spawn").Pool(PROCESSES) as pool:
        assert len(set(pool.map(race, [tmp_path] * PROCESSES, chunksize=1))) == 1
        pool.close()
        pool.join()


def test_each_purpose_has_its_own_key() -> None:
    """Keys for two purposes differ, and differ from the secret. COD-05."""
    keys = {derive(b"secret", purpose) for purpose in ("signing keys", "user codes")}
    assert len(keys | {b"secret"}) == 3
