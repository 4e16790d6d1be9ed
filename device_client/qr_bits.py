"""A QR symbol as the server sends it: in bits."""

from binascii import a2b_base64


def sent_rows(symbol: object, at_most: int) -> list[int]:
    """Rows as `qr.encode` gives them, at most `at_most` of them.

    Empty when the symbol is not as docs/wire_extensions.md says, whatever else it is.
    """
    if not isinstance(symbol, dict):
        return []
    size = symbol.get("size")
    text = symbol.get("bits")
    if not isinstance(size, int) or not 21 <= size <= min(at_most, 177) or size % 4 != 1:
        return []
    width = (size + 7) // 8
    if not isinstance(text, str) or len(text) != (4 * width * size + 2) // 3:
        return []
    text = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        bits = a2b_base64(text)
    except ValueError:
        return []
    if len(bits) != width * size:  # characters that are none of base64url
        return []
    cut = 8 * width - size
    return [
        int.from_bytes(bits[start : start + width], "big") >> cut
        for start in range(0, width * size, width)
    ]
