"""What a token file does, as functions of a path that run on CPython and MicroPython alike."""

import os

from device_client.token_file import TokenFile

ISSUER = "https://as.example"
TOKENS = {"access_token": "a", "refresh_token": "r"}


def write(path: str, text: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        file.write(text)


def test_round_trip(path: str) -> None:
    """What was saved is loaded. CL-15."""
    TokenFile(path, ISSUER, "tv").save(dict(TOKENS))
    assert TokenFile(path, ISSUER, "tv").load() == TOKENS


def test_absent(path: str) -> None:
    """A missing file is no problem: nobody has signed in yet. CL-05."""
    assert TokenFile(path, ISSUER, "tv").load() == {}


def test_damaged(path: str) -> None:
    """A damaged file gives nothing. CL-15."""
    for text in ("", "{", "[]", "{}", "null", '"text"', "[1, 2, 3]", '[["https://as.example"'):
        write(path, text)
        assert TokenFile(path, ISSUER, "tv").load() == {}, text


def test_damaged_inside(path: str) -> None:
    """What is not an object is damage, too, however deep. CL-15."""
    for kept in ("null", "5", "[1]", '"text"', "[" * 5000):
        write(path, '[["https://as.example", "tv"], ' + kept + "]")
        assert TokenFile(path, ISSUER, "tv").load() == {}, kept


def test_another_owner(path: str) -> None:
    """Tokens of another issuer or client are never used. CL-18."""
    TokenFile(path, ISSUER, "tv").save(dict(TOKENS))
    for issuer, client_id in (("https://evil.example", "tv"), (ISSUER, "radio")):
        assert TokenFile(path, issuer, client_id).load() == {}


def test_replaced(path: str) -> None:
    """Saving again replaces; nothing else is left in the folder. CL-15."""
    token_file = TokenFile(path, ISSUER, "tv")
    token_file.save(dict(TOKENS))
    token_file.save({"access_token": "b"})
    assert token_file.load() == {"access_token": "b"}
    assert path.rpartition("/")[2] + ".new" not in os.listdir(path.rpartition("/")[0])  # noqa: PTH208


def test_power_cut_while_writing(path: str) -> None:
    """A half-written new file leaves the old one good, and the next save gets past it. CL-15."""
    token_file = TokenFile(path, ISSUER, "tv")
    token_file.save(dict(TOKENS))
    write(path + ".new", '[["https://as.exa')
    assert token_file.load() == TOKENS
    token_file.save({"access_token": "b"})
    assert token_file.load() == {"access_token": "b"}


def test_forget(path: str) -> None:
    """Saving nothing leaves no token behind. CL-12."""
    token_file = TokenFile(path, ISSUER, "tv")
    token_file.save(dict(TOKENS))
    token_file.save({})
    assert token_file.load() == {}
    with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
        assert file.read() == '[["https://as.example", "tv"], {}]'
