"""What tokens in an ESP32's store do, on CPython and MicroPython alike."""

from device_client.nvs_tokens import KEY, NvsTokens
from tests.device_client.boards.hardware import Nvs

ISSUER = "https://as.example"
TOKENS = {"access_token": "a", "refresh_token": "r"}


def kept(nvs: Nvs, issuer: str = ISSUER, client_id: str = "tv") -> NvsTokens:
    return NvsTokens(nvs, issuer, client_id)


def test_round_trip() -> None:
    """What was saved is loaded, after a power cut too. CL-15."""
    nvs = Nvs()
    kept(nvs).save(dict(TOKENS))
    nvs.cut_power()
    assert kept(nvs).load() == TOKENS


def test_absent() -> None:
    """An empty store gives nothing: nobody has signed in yet. CL-05."""
    assert kept(Nvs()).load() == {}


def test_long() -> None:
    """Tokens of a few kilobytes are kept, ever longer ones. CL-15."""
    nvs = Nvs()
    for size in (900, 1100, 3000, 8000):
        kept(nvs).save({"access_token": "x" * size})
        assert kept(nvs).load() == {"access_token": "x" * size}


def test_too_long() -> None:
    """Tokens that could not be loaded are not saved, and the old ones stay. CL-15."""
    nvs = Nvs()
    kept(nvs).save(dict(TOKENS))
    refused = False
    try:
        kept(nvs).save({"access_token": "x" * 8192})
    except OSError:
        refused = True
    assert refused
    assert kept(nvs).load() == TOKENS


def test_damaged() -> None:
    """What is no record of ours gives nothing. CL-15."""
    for blob in (b"", b"{", b"[]", b"null", b"\xff\xfe", b"[1, 2, 3]", b'[["https://as.exa'):
        nvs = Nvs()
        nvs.set_blob(KEY, blob)
        assert kept(nvs).load() == {}, blob


def test_not_a_dictionary() -> None:
    """What is no object gives nothing, nor do brackets by the thousand. CL-15."""
    for value in ("[]", "null", "7", '"x"', '["access_token"]', "[" * 8000):
        nvs = Nvs()
        blob = '[["https://as.example", "tv"], ' + value + "]"
        nvs.set_blob(KEY, blob.encode())
        assert kept(nvs).load() == {}, value[:20]


def test_another_owner() -> None:
    """Tokens of another issuer or client are never used. CL-18."""
    nvs = Nvs()
    kept(nvs).save(dict(TOKENS))
    for issuer, client_id in (("https://evil.example", "tv"), (ISSUER, "radio")):
        assert kept(nvs, issuer, client_id).load() == {}


def test_power_cut_before_the_commit() -> None:
    """Until the new tokens are committed the old ones are good. CL-15."""
    nvs = Nvs()
    kept(nvs).save(dict(TOKENS))
    nvs.commit = nvs.cut_power  # type: ignore[method-assign]
    kept(nvs).save({"access_token": "b"})
    assert kept(nvs).load() == TOKENS


def test_nothing_left() -> None:
    """Saving nothing leaves no token in the store. CL-12."""
    nvs = Nvs()
    kept(nvs).save(dict(TOKENS))
    kept(nvs).save({})
    nvs.cut_power()
    assert kept(nvs).load() == {}
    assert nvs.flash == {KEY: b'[["https://as.example", "tv"], {}]'}
