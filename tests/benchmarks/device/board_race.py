"""Two encoders side by side on one board: microseconds of each, round by round."""

import gc
import time

from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, QRData

from device_client.qr import encode

TEXT = b"https://tv.example.com/device?user_code=WDJB-MJHT"
VERSION = 3


def theirs(mask: int | None) -> list[list[bool]]:
    """Return the modules by the other encoder, with version and mode given."""
    code = QRCode(version=VERSION, error_correction=ERROR_CORRECT_L, mask_pattern=mask)
    code.add_data(QRData(TEXT, MODE_8BIT_BYTE, False))
    code.make(False)
    modules: list[list[bool]] = code.modules
    return modules


def microseconds(function, *arguments) -> int:  # type: ignore[no-untyped-def]
    """Return how long a call takes, at its best of three."""
    best = 1 << 29
    for _ in range(3):
        gc.collect()
        start = time.ticks_us()  # type: ignore[attr-defined]
        function(*arguments)
        best = min(best, time.ticks_diff(time.ticks_us(), start))  # type: ignore[attr-defined]
    return best


def run(rounds: int) -> None:
    """Print theirs with a search for the mask, ours with one, ours without, for each round."""
    ours = encode(TEXT, "L", 3)
    if [[bool(row >> x & 1) for x in range(len(ours) - 1, -1, -1)] for row in ours] != theirs(3):
        raise ValueError("the symbols differ")
    for _ in range(rounds):
        print(
            microseconds(theirs, None),
            microseconds(encode, TEXT, "L", -1),
            microseconds(encode, TEXT, "L", 3),
        )
