"""The QR symbol of a sign-in: the one that the server drew, else one that is drawn here."""

import gc
import sys


def qr_rows(flow, at_most: int) -> list[int]:  # type: ignore[no-untyped-def]
    """The rows of the symbol that opens the flow's address, as `qr.encode` gives them.

    At most `at_most` modules on a side; empty when there is no such symbol, or no memory for it.
    What drew it is not kept, this module too: on a board it is as large as half of the client.
    """
    gc.collect()
    try:
        rows = _sent(flow.verification_qr, at_most) or _encoded(flow)
    except (ImportError, MemoryError, ValueError):
        rows = []
    package = __name__.rpartition(".")[0]
    for name in ("qr", "qr_bits", "qr_rows"):
        sys.modules.pop(package + "." + name, None)
        if hasattr(sys.modules[package], name):
            delattr(sys.modules[package], name)
    return rows if len(rows) <= at_most else []


def _sent(symbol: object, at_most: int) -> list[int]:
    if not symbol:
        return []
    from .qr_bits import sent_rows

    return sent_rows(symbol, at_most)


def _encoded(flow) -> list[int]:  # type: ignore[no-untyped-def]
    from .qr import encode

    return encode(_short(flow.verification_uri_complete or flow.verification_uri).encode())


def _short(url: str) -> str:
    # Scheme and host mean the same in capitals, letters outside ASCII apart; with a path of
    # capitals the symbol is smaller then.
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    ascii_host = len(host.encode()) == len(host)
    if not (separator and ascii_host) or "?" in host or "#" in host or "@" in host:
        return url
    return scheme.upper() + separator + host.upper() + slash + path
