"""Power cuts on a board: littlefs on a flash chip that stops in the middle. MicroPython only."""

import gc
import os

from device_client.token_file import TokenFile

BLOCK = 4096
BLOCKS = 16
PLENTY = 1 << 24  # bytes
STEP = 32  # bytes from one cut to the next
OLD = {"access_token": "a" * 640, "refresh_token": "old"}
NEW = {"access_token": "b" * 640, "refresh_token": "new"}

# A file that a cut left open would be closed by the collector, on a chip in use again.
gc.disable()


class Flash:
    """A chip that writes or erases so many more bytes, and then nothing."""

    def __init__(self) -> None:
        self.data = bytearray(BLOCK * BLOCKS)
        self.left = PLENTY

    def readblocks(self, block: int, buffer: bytearray, offset: int = 0) -> None:
        begin = block * BLOCK + offset
        buffer[:] = memoryview(self.data)[begin : begin + len(buffer)]

    def writeblocks(self, block: int, buffer: bytearray, offset: int = 0) -> None:
        self._put(block * BLOCK + offset, bytes(buffer))

    def ioctl(self, operation: int, block: int) -> int:
        if operation == 6:  # erase
            self._put(block * BLOCK, b"\xff" * BLOCK)
        return {4: BLOCKS, 5: BLOCK}.get(operation, 0)

    def _put(self, begin: int, what: bytes) -> None:
        done = what[: self.left]
        self.data[begin : begin + len(done)] = done
        self.left -= len(done)
        if len(done) < len(what):
            raise OSError(5)


def switched_on(flash: Flash) -> TokenFile:
    """The board with this chip, just switched on."""
    flash.left = PLENTY
    os.mount(os.VfsLfs2(flash, progsize=256), "/flash")  # type: ignore[attr-defined]
    return TokenFile("/flash/tokens.json", "https://as.example", "tv")


def cut_everywhere(flash: Flash, new: dict[str, str]) -> list[dict[str, str]]:
    """What is loaded after cuts all along the saving of `new`.

    The last one is what there is when the power stays.
    """
    before = bytes(flash.data)
    loaded: list[dict[str, str]] = []
    saved = False
    while not saved:
        flash.data[:] = before
        token_file = switched_on(flash)
        flash.left = STEP * len(loaded)
        try:
            token_file.save(new)  # type: ignore[arg-type]
            saved = True
        except OSError:
            pass
        os.umount("/flash")  # type: ignore[attr-defined]
        loaded.append(switched_on(flash).load())
        token_file.save(OLD)  # type: ignore[arg-type]
        assert token_file.load() == OLD
        os.umount("/flash")  # type: ignore[attr-defined]
    return loaded


def formatted() -> Flash:
    """A chip with nothing on it."""
    flash = Flash()
    os.VfsLfs2.mkfs(flash, progsize=256)  # type: ignore[attr-defined]
    return flash


def test_first_tokens() -> None:
    """A cut while the first tokens are saved leaves none or all of them. CL-15."""
    loaded = cut_everywhere(formatted(), NEW)
    assert loaded[0] == {}
    assert loaded[-1] == NEW
    assert len(loaded) > 100
    assert [kept for kept in loaded if kept not in ({}, NEW)] == []


def test_new_tokens() -> None:
    """A cut while tokens are replaced leaves the old or the new, and never none. CL-15."""
    flash = formatted()
    switched_on(flash).save(OLD)  # type: ignore[arg-type]
    os.umount("/flash")  # type: ignore[attr-defined]
    loaded = cut_everywhere(flash, NEW)
    assert loaded[0] == OLD
    assert loaded[-1] == NEW
    assert len(loaded) > 100
    assert [kept for kept in loaded if kept not in (OLD, NEW)] == []


def test_what_a_removal_would_do() -> None:
    """Removing the old file first would lose the tokens to some cut: this chip shows it. CL-15."""

    def remove_first(old: str, new: str) -> None:
        try:  # noqa: SIM105 - MicroPython has no contextlib, and no pathlib
            os.remove(new)  # noqa: PTH107
        except OSError:
            pass
        rename(old, new)

    flash = formatted()
    switched_on(flash).save(OLD)  # type: ignore[arg-type]
    os.umount("/flash")  # type: ignore[attr-defined]
    from device_client import token_file

    rename = os.rename
    token_file.os = Removing(remove_first)  # type: ignore[assignment,attr-defined]
    try:
        assert {} in cut_everywhere(flash, NEW)
    finally:
        token_file.os = os  # type: ignore[attr-defined]


class Removing:
    """The module os with another `rename`."""

    def __init__(self, rename) -> None:  # type: ignore[no-untyped-def]
        self.rename = rename
