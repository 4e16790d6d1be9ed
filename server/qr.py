"""QR symbols by segno (ISO/IEC 18004)."""

import segno

from server.core.records import QRSymbol


def make_symbol(text: str) -> QRSymbol:
    """Return the smallest symbol of level L; capitals, digits and :/. alone make it smaller."""
    matrix = segno.make_qr(text, error="L", boost_error=False).matrix
    size = len(matrix)
    row_bytes = (size + 7) // 8
    rows = (
        (int("".join(map(str, row)), 2) << (row_bytes * 8 - size)).to_bytes(row_bytes)
        for row in matrix
    )
    return QRSymbol(size, b"".join(rows))
