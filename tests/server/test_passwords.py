"""Passwords, hashed for real."""

from functools import cache

import pytest
from argon2 import extract_parameters

from server.passwords import Argon2PasswordHasher

HASHER = Argon2PasswordHasher()
LONG = "päss wörd \N{KEY} " * 70


@cache
def hash_of(password: str) -> str:
    """Hash a password once: it is slow on purpose."""
    return HASHER.hash(password)


def test_it_is_argon2id_and_slow() -> None:
    """A hash is argon2id with at least 19 MiB and two passes. LG-03."""
    parameters = extract_parameters(hash_of("password"))
    assert hash_of("password").startswith("$argon2id$")
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


def test_two_hashes_differ() -> None:
    """Each hash has a salt of its own. LG-03."""
    assert HASHER.hash("password") != hash_of("password")


@pytest.mark.parametrize("password", ["password", LONG])
def test_the_password_fits(password: str) -> None:
    """The password itself fits, any letters, not cut. LG-01."""
    assert HASHER.verify(hash_of(password), password)


@pytest.mark.parametrize("password", ["", "Password", "password ", LONG[:-1]])
def test_another_password_does_not(password: str) -> None:
    """A password that differs in one character does not fit. LG-01."""
    assert not HASHER.verify(hash_of("password"), password)
    assert not HASHER.verify(hash_of(LONG), password)


@pytest.mark.parametrize("damaged", ["x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_damaged_hash_fits_nothing(damaged: str) -> None:
    """A hash that cannot be read is a refusal, not an error. LO-02."""
    assert not HASHER.verify(damaged, "password")


@pytest.mark.parametrize("password", ["", "password", "the password of nobody"])
def test_nobody_has_no_password(password: str) -> None:
    """Without an account, no password fits. LG-04."""
    assert not HASHER.verify(None, password)


def test_nobody_takes_as_long() -> None:
    """An unknown name costs exactly the work of a known one. LG-04."""
    assert extract_parameters(HASHER._nobody) == extract_parameters(hash_of("password"))
