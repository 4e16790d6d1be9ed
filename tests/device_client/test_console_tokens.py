"""The token file of a program on a computer."""

import json
from pathlib import Path

import pytest

from device_client.console_tokens import NoPlace, ScopedTokenFile, forget, make_place, unusable

CLIENT = ("https://as.example", "films")
OLD: dict[str, object] = {"access_token": "SECRET-old", "refresh_token": "SECRET-old-refresh"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is damaged"),
        ("[1, 2, 3]", "is damaged"),
        ('[["https://as.example", "films"], []]', "is damaged"),
        ('[["https://as.example", "music"], {}]', "is another client's"),
        ("[" * 100_000, "is damaged"),
        ('[["https://as.example", "films"], {}]', ""),
        ('[["https://as.example", "films"], {"scope": "library profile"}]', ""),
        ('[["https://as.example", "films"], {"scope": "library"}]', "is for less than this scope"),
    ],
)
def test_unusable(tmp_path: Path, content: str, problem: str) -> None:
    """A token file that cannot be used is told apart from none. CL-15."""
    file = tmp_path / "tokens"
    assert unusable(file, *CLIENT, "profile") == ""
    file.write_text(content)
    assert unusable(file, *CLIENT, "profile") == problem


def test_scope(tmp_path: Path) -> None:
    """Tokens are there for the scope that they were asked for, and for less. RFC 6749 6."""
    path = str(tmp_path / "tokens")
    ScopedTokenFile(path, *CLIENT, "profile library").save(OLD)
    for scope, found in {"library": True, "library profile": True, "profile films": False}.items():
        assert bool(ScopedTokenFile(path, *CLIENT, scope).load()) is found


def test_scope_of_a_renewal(tmp_path: Path) -> None:
    """Tokens renewed for less are still good for all that was asked for. RFC 6749 6."""
    path = str(tmp_path / "tokens")
    ScopedTokenFile(path, *CLIENT, "profile library").save(OLD)
    ScopedTokenFile(path, *CLIENT, "profile").save(OLD)
    assert ScopedTokenFile(path, *CLIENT, "library").load() == OLD | {"scope": "profile library"}


def test_forgetting_is_for_the_scope(tmp_path: Path) -> None:
    """A sign-in that comes to nothing takes its own tokens alone. CL-15."""
    path = tmp_path / "tokens"
    narrow, wide = (ScopedTokenFile(str(path), *CLIENT, scope) for scope in ("a", "a b"))
    narrow.save(OLD)
    wide.save({})
    assert narrow.load()
    narrow.save({})
    assert json.loads(path.read_text())[1] == {}


def test_codes_are_not_kept(tmp_path: Path) -> None:
    """Codes belong to the process that shows them. CL-05."""
    ScopedTokenFile(str(tmp_path / "tokens"), *CLIENT, "").save({"device_code": "SECRET"})
    assert not list(tmp_path.iterdir())


def test_forget(tmp_path: Path) -> None:
    """Nothing is left, and nothing there is no error. CL-12."""
    for name in ("tokens", "tokens.new", "tokens.lock"):
        (tmp_path / name).write_text("SECRET")
    forget(tmp_path / "tokens")
    forget(tmp_path / "tokens")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [".", "/proc/self/tokens", "/dev/null/tokens"])
def test_no_place(path: str) -> None:
    """Where no file can be written is known before there are tokens. CL-15."""
    with pytest.raises(NoPlace):
        make_place(Path(path))


def test_place(tmp_path: Path) -> None:
    """Folders are made, and nothing else. CL-12."""
    make_place(tmp_path / "a" / "b" / "tokens")
    assert list(tmp_path.rglob("*")) == [tmp_path / "a", tmp_path / "a" / "b"]
