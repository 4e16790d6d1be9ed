"""What the client takes on this very board: `pairlight device bench` runs it there by mpremote.

Each line is a name, a tab and a value. "heap" is how much a module takes for good, after a
collection; "needs" is the least that must be free for a symbol to be made, found by filling the
rest and trying.
"""

import gc
import sys
import time

# Alphanumeric, as the server's links are: symbols of 29 and 33 modules.
TEXTS = (
    ("version 3", b"HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT" + b"A" * 40),
    ("version 4", b"HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT" + b"A" * 75),
)
CLOSE_ENOUGH = 128  # bytes

MODULES = (
    "flow", "transport", "token_file", "nvs_tokens", "run", "session", "trust", "wifi",
    "show_text", "board", "show_framebuf", "qr",
)  # fmt: skip


def free() -> int:
    """Bytes of the heap that are free now."""
    gc.collect()
    return gc.mem_free()  # type: ignore[attr-defined]


def tell(name: str, value: object) -> None:
    """One row."""
    print("%s\t%s" % (name, value))


def filled(room: int) -> object:
    """Something that leaves `room` bytes of the heap free, as long as it is held."""
    ballast: object = None
    piece = 65536
    while piece > 32:
        if free() - room < piece:
            piece //= 2
            continue
        try:
            ballast = (ballast, bytearray(piece))
        except MemoryError:  # not in one piece
            piece //= 2
    return ballast


def works_with(room: int, encode, text: bytes) -> bool:  # type: ignore[no-untyped-def]
    """Whether a symbol can be made when only `room` bytes are free."""
    ballast = filled(room)
    try:
        encode(text)
    except MemoryError:
        return False
    return bool(ballast)


def needs(encode, text: bytes) -> int:  # type: ignore[no-untyped-def]
    """The least room in which it works, in bytes."""
    too_little, enough = 0, min(free(), 32768)
    while enough - too_little > CLOSE_ENOUGH:
        room = (too_little + enough) // 2
        if works_with(room, encode, text):
            enough = room
        else:
            too_little = room
    return enough


def encoder_rows(encode) -> None:  # type: ignore[no-untyped-def]
    """Memory and time for a symbol of each size, the mask given and looked for."""
    for name, text in TEXTS:
        times = []
        for mask in (0, -1):
            gc.collect()
            start = time.ticks_ms()  # type: ignore[attr-defined]
            encode(text, "L", mask)
            times.append(time.ticks_diff(time.ticks_ms(), start))  # type: ignore[attr-defined]
        tell("QR " + name + ", mask given", "%d ms" % times[0])
        tell("QR " + name + ", mask search", "%d ms" % times[1])
        tell("QR " + name + " needs", "%d bytes" % needs(encode, text))


def module_rows() -> None:
    """What each module takes, with those that it needs and that come before it."""
    left = free()
    for name in MODULES:
        try:
            __import__("device_client." + name)
        except ImportError:
            continue  # no board has them all
        now = free()
        tell("heap of " + name, "%d bytes" % (left - now))
        left = now


def main() -> None:
    """All rows."""
    tell("board", sys.implementation[2])  # type: ignore[index]
    tell("MicroPython", "%d.%d.%d" % sys.implementation[1][:3])  # type: ignore[index]
    tell("heap free at the start", "%d bytes" % free())
    import device_client  # noqa: F401 - is it there at all?

    module_rows()
    qr = sys.modules.get("device_client.qr")
    if qr:
        encoder_rows(qr.encode)


if __name__ == "__main__":
    main()
