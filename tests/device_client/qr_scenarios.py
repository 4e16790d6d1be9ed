"""What the QR encoder does, as plain functions that run on CPython and MicroPython alike."""

from binascii import hexlify
from hashlib import sha256

from device_client.qr import encode

ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
BYTES = bytes(range(256))
LEVELS = "LM"

# ISO/IEC 18004 table 7: what versions 1 to 9 hold at levels L and M.
HOLDS = {
    (ALPHANUMERIC, "L"): (25, 47, 77, 114, 154, 195, 224, 279, 335),
    (ALPHANUMERIC, "M"): (20, 38, 61, 90, 122, 154, 178, 221, 262),
    (BYTES, "L"): (17, 32, 53, 78, 106, 134, 154, 192, 230),
    (BYTES, "M"): (14, 26, 42, 62, 84, 106, 122, 152, 180),
}

# b"PAIRLIGHT" at level M.
DRAWN = """
#######.##.##.#######
#.....#..#..#.#.....#
#.###.#.#..#..#.###.#
#.###.#..#..#.#.###.#
#.###.#...###.#.###.#
#.....#.#..##.#.....#
#######.#.#.#.#######
.........##.#........
#.#...##.......#..#.#
###.#..#####.##..#.##
#.##..##.#.###.###...
##...#..####.##...#.#
###..####..########.#
........###.....#.#..
#######.###...##.#...
#.....#...#.#..####..
#.###.#..##...##....#
#.###.#..#.#.##......
#.###.#.#..###.######
#.....#....#.######.#
#######.#######.#.###
"""


def text(alphabet: bytes, length: int, seed: int) -> bytes:
    """Return `length` bytes of `alphabet`, in byte mode if that has more than the other takes."""
    made = bytearray()
    state = seed + 1
    for _ in range(length):
        state = state * 16807 % 2147483647
        made.append(alphabet[state % len(alphabet)])
    if alphabet == BYTES:
        made[state % length] = 97 + state % 26
    return bytes(made)


def test_drawn() -> None:
    """The first row is the top one, the highest bit the leftmost module, 1 is dark. ISO 18004."""
    drawn = DRAWN.strip().replace("#", "1").replace(".", "0")
    assert encode(b"PAIRLIGHT", "M") == [int(row, 2) for row in drawn.split("\n")]


def test_smallest_version() -> None:
    """A version is taken up to its last character, and no further. ISO/IEC 18004 table 7."""
    for (alphabet, level), holds in HOLDS.items():
        for version in range(1, 10):
            most = holds[version - 1]
            assert len(encode(text(alphabet, most, 0), level, 0)) == 17 + 4 * version
            if version < 9:
                assert len(encode(text(alphabet, most + 1, 0), level, 0)) == 21 + 4 * version


def test_too_long() -> None:
    """What does not fit version 9 is refused, and so is a level that is not there."""
    for given in (
        (b"a" * 231, "L"),
        (b"a" * 181, "M"),
        (b"A" * 336, "L"),
        (b"A" * 263, "M"),
        (b"a" * 60000, "L"),
        (b"A" * 60000, "L"),
        (b"A", "Q"),
    ):
        try:
            encode(*given)
            raise AssertionError(given[1])
        except ValueError:
            pass


def test_nothing() -> None:
    """An empty text has a symbol too."""
    assert len(encode(b"")) == 21


def digest() -> str:
    """Return what all Pythons must agree on: symbols of all versions, at all masks and at none."""
    rows = sha256()
    for alphabet, level in sorted(HOLDS):
        for version in range(9):
            for mask in range(-1, 8):
                length = HOLDS[alphabet, level][version] - mask - 1
                rows.update(repr(encode(text(alphabet, length, mask + 9), level, mask)).encode())
    return hexlify(rows.digest()).decode()
