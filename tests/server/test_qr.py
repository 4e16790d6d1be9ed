"""QR symbols made by the server."""

from base64 import urlsafe_b64decode

import pytest
import zxingcpp
from PIL import Image

from server.qr import make_symbol
from tests.server.stage import CLIENT_ID, Stage


def picture(size: int, rows: bytes) -> Image.Image:
    """Draw a symbol as the documentation says: rows in whole bytes, left is high, 1 is dark."""
    row_bytes = (size + 7) // 8
    image = Image.new("L", (size + 8, size + 8), 255)
    for y in range(size):
        row = int.from_bytes(rows[y * row_bytes : (y + 1) * row_bytes])
        for x in range(size):
            if row >> (row_bytes * 8 - 1 - x) & 1:
                image.putpixel((x + 4, y + 4), 0)
    return image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)


@pytest.mark.parametrize("text", ["HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT", "https://a.b/x/D/WDJB", "A"])
def test_a_symbol_reads_as_its_text(text: str) -> None:
    """Drawn by its bits, a symbol is read back by an independent reader. ISO/IEC 18004."""
    symbol = make_symbol(text)
    assert zxingcpp.read_barcodes(picture(*symbol))[0].text == text


def test_a_host_of_28_characters_fits_version_2() -> None:
    """A link in capitals with the longest such host takes 25 modules. RFC 8628 3.3.1."""
    assert make_symbol(f"HTTPS://{'H' * 28}/D/WDJBMJHT").size == 25


def test_a_device_that_asks_gets_the_symbol_of_its_link(any_stage: Stage) -> None:
    """`qr=bits` adds verification_qr, whose text is the complete link in any case of host."""
    codes = any_stage.start(qr="bits")
    qr = codes["verification_qr"]
    bits = urlsafe_b64decode(qr["bits"] + "=" * (-len(qr["bits"]) % 4))
    text = zxingcpp.read_barcodes(picture(qr["size"], bits))[0].text
    assert text == codes["verification_uri_complete"].upper()
    assert qr["size"] == 25


def test_a_device_that_does_not_ask_gets_nothing_extra(any_stage: Stage) -> None:
    """Without the parameter, or without a value, the answer has the members of RFC 8628 3.2."""
    assert "verification_qr" not in any_stage.start() | any_stage.start(qr="")


def test_another_kind_of_symbol_is_refused(any_stage: Stage) -> None:
    """qr can only be bits: anything else is invalid_request. RFC 6749 5.2."""
    response = any_stage.post("/device_authorization", {"client_id": CLIENT_ID, "qr": "png"})
    assert (response.json or {})["error"] == "invalid_request"
