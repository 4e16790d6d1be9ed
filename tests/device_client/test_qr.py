"""The QR encoder against the standard, other people's encoders and decoders: qr_scenarios.py."""

from fractions import Fraction
from itertools import groupby

import cv2
import numpy as np
import pytest
import zxingcpp
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from device_client.qr import encode
from tests.device_client import qr_scenarios, scenarios
from tests.device_client.conftest import OnBoard
from tests.device_client.qr_scenarios import ALPHANUMERIC, BYTES, HOLDS, LEVELS, text

VERSIONS = range(1, 10)
TEXTS = 18  # for each version, level and mode; each at eight masks

Rows = list[int]

every_symbol = pytest.mark.parametrize(
    ("version", "level", "alphabet"),
    [
        pytest.param(version, level, alphabet, id=f"{version}-{level}-{mode}")
        for version in VERSIONS
        for level in LEVELS
        for alphabet, mode in ((ALPHANUMERIC, "alphanumeric"), (BYTES, "bytes"))
    ],
)


@pytest.mark.parametrize("scenario", scenarios.of(qr_scenarios))
def test_qr(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_qr_on_a_board(on_board: OnBoard) -> None:
    """Every scenario holds on MicroPython too. CL-16."""
    printed = on_board(scenarios.on_board(qr_scenarios))
    assert printed.endswith(scenarios.all_held(qr_scenarios))


def test_same_symbols_on_a_board(on_board: OnBoard) -> None:
    """MicroPython makes the very same symbols as CPython, the search for a mask included."""
    printed = on_board("import qr_scenarios; print(qr_scenarios.digest())")
    assert printed == f"{qr_scenarios.digest()}\n"


@every_symbol
def test_same_as_another_encoder(version: int, level: str, alphabet: bytes) -> None:
    """With the mask given, every module is as in the package qrcode. ISO/IEC 18004."""
    for length in lengths(version, level, alphabet):
        written = text(alphabet, length, length * version)
        other = another(written, version, level, alphabet)
        for mask in range(8):
            other.makeImpl(False, mask)
            assert encode(written, level, mask) == as_rows(other), (length, mask)


@every_symbol
def test_reads_best(version: int, level: str, alphabet: bytes) -> None:
    """The mask that is searched for has the lowest penalty, or the first of those that have it."""
    written = text(alphabet, HOLDS[alphabet, level][version - 1], version)
    masked = [encode(written, level, mask) for mask in range(8)]
    assert encode(written, level) == min(masked, key=penalty)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("#.#.#.#.#.#", 0),
        ("#####.#.#.#", 3),
        ("######.#.#.", 4),
        (".#.....#.#.", 3),
        ("#.###.#....", 40),
        ("....#.###.#", 40),
    ],
)
def test_penalty(first: str, expected: int) -> None:
    """What these tests call a penalty is the standard's. ISO/IEC 18004 section 7.8.3."""
    rows = [first, *[".#.#.#.#.#.", "#.#.#.#.#.#"] * 5]
    assert penalty_of(rows) == expected
    assert penalty_of(["".join(column) for column in zip(*rows, strict=True)]) == expected


def test_penalty_of_proportions() -> None:
    """Each full 5 % that darkness is away from a half costs 10, a square of one colour 3."""
    assert penalty_of(["##", "##"]) == 100 + 3
    assert penalty_of(["#.#", ".#.", "#.#"]) == 10


@every_symbol
def test_scans(version: int, level: str, alphabet: bytes) -> None:
    """Both zxing and OpenCV read the text back. CL-06."""
    printable = bytes(byte for byte in alphabet if 32 < byte < 127)
    most = HOLDS[alphabet, level][version - 1]
    written = text(printable, most - 1, version).decode() + ("a" if alphabet == BYTES else "A")
    picture = drawn(encode(written.encode(), level))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [written]
    assert cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0] == written


@pytest.mark.parametrize("mask", range(8))
def test_scans_with_every_mask(mask: int) -> None:
    """Whichever mask is given, the symbol says which it is."""
    picture = drawn(encode(b"HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT", mask=mask))
    assert zxingcpp.read_barcodes(picture)[0].text == "HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT"


def lengths(version: int, level: str, alphabet: bytes) -> list[int]:
    """Return how long texts can be that take this version: both edges, and some between."""
    holds = (0, *HOLDS[alphabet, level])
    shortest, longest = holds[version - 1] + 1, holds[version]
    middle = [shortest + (longest - shortest) * i // TEXTS for i in range(1, TEXTS - 3)]
    return [shortest, shortest + 1, *middle, longest - 1, longest]


def another(written: bytes, version: int, level: str, alphabet: bytes) -> "QRCode[object]":
    """Return the other encoder, with the text in it."""
    correction = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M}[level]
    code: QRCode[object] = QRCode(version=version, error_correction=correction)
    mode = MODE_ALPHA_NUM if alphabet == ALPHANUMERIC else MODE_8BIT_BYTE
    code.add_data(QRData(written, mode=mode))
    return code


def as_rows(code: "QRCode[object]") -> Rows:
    """Return the symbol of the other encoder."""
    return [int("".join(str(int(dark)) for dark in row), 2) for row in code.modules]


def penalty(rows: Rows) -> int:
    """Return how badly a symbol reads, counted module by module."""
    return penalty_of([format(row, f"0{len(rows)}b").translate({48: ".", 49: "#"}) for row in rows])


def penalty_of(rows: list[str]) -> int:
    """Return the same of a drawing."""
    size = len(rows)
    lines = [*rows, *("".join(column) for column in zip(*rows, strict=True))]
    runs = [len(list(run)) for line in lines for _, run in groupby(line)]
    corners = [(x, y) for x in range(size - 1) for y in range(size - 1)]
    squares = [rows[y][x : x + 2] + rows[y + 1][x : x + 2] for x, y in corners]
    windows = [line[i : i + 11] for line in lines for i in range(size - 10)]
    dark = Fraction("".join(rows).count("#"), size**2)
    return (
        sum(run - 2 for run in runs if run >= 5)
        + 3 * sum(len(set(square)) == 1 for square in squares)
        + 40 * sum(window in {"#.###.#....", "....#.###.#"} for window in windows)
        + 10 * int(abs(20 * dark - 10))
    )


def drawn(rows: Rows) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """Return a picture: dark on light, four modules around, six pixels a module."""
    size = len(rows)
    dark = [[row >> (size - 1 - x) & 1 for x in range(size)] for row in rows]
    light = np.pad(1 - np.array(dark, np.uint8), 4, constant_values=1)
    return np.kron(light * np.uint8(255), np.ones((6, 6), np.uint8))
