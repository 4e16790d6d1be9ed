"""Where the rows of a sign-in's symbol come from, as functions that run on both Pythons alike."""

import sys

import device_client
from device_client.flow import DeviceFlow
from device_client.qr import encode
from device_client.qr_rows import qr_rows

LARGE = 57

# docs/wire_extensions.md: HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT
SIZE = 25
BITS = (
    "_pq_gIJhoIC6Li6AugiugLpWroCCLaCA_qq_gACwgADadCCAvE_-AKKykIDJ-bcAdl8PAIWEXADyvxwAsNRTgJ5G-4AAu4wA"
    "_nWrAIIPjoC6yPqAusQHgLoOkYCCgUMA_u4RgA"
)


def flow(symbol: object = None, **members: object) -> DeviceFlow:
    """Return a flow that waits for a person."""
    answer: dict[str, object] = {
        "device_code": "GmRhmhcxhwAzkoEqiMEg",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://tv.example.com/device",
        "verification_uri_complete": "https://tv.example.com/D/WDJBMJHT",
        "verification_qr": symbol,
        "expires_in": 600,
    }
    answer.update(members)
    made = DeviceFlow("tv", "profile", "v" * 43, 0)
    made.receive(200, answer, 0)
    return made


def sent(size: object = SIZE, bits: object = BITS) -> list[int]:
    """Return the rows when the server sent this and nothing can be drawn here."""
    members = {"verification_uri_complete": "x" * 500}
    return qr_rows(flow({"size": size, "bits": bits}, **members), LARGE)


def test_sent() -> None:
    """The server's symbol is taken: rows of whole bytes, high bits first. RFC 8628 3.3.1."""
    rows = sent()
    assert len(rows) == SIZE
    assert rows[0] == 0b1111111010011010101111111
    assert rows[24] == 0b1111111011101110000100011


def test_malformed() -> None:
    """What is not exactly as documented counts as not sent. CL-08, CL-16."""
    for size in (None, "25", 25.0, True, -25, 0, 24, 26, 29, 21, 1 << 70, [25], float("nan")):
        assert sent(size=size) == [], size
    others: list[object] = [None, "", 7, [], BITS[:-1], BITS + "A", BITS + "="]
    others += ["!" + BITS[1:], "é" + BITS[1:]]
    for bits in others:
        assert sent(bits=bits) == [], bits
    for symbol in (7, "x", [], {}, [SIZE, BITS], {"size": SIZE}, {"bits": BITS}):
        assert qr_rows(flow(symbol, verification_uri_complete="x" * 500), LARGE) == [], symbol


def test_drawn_here() -> None:
    """Without a usable one it is drawn here, scheme and host in capitals. RFC 8628 3.3.1."""
    drawn = encode(b"HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT")
    for symbol in (None, {}, {"size": 25, "bits": "A"}, {"size": 177, "bits": BITS}):
        assert qr_rows(flow(symbol), LARGE) == drawn, symbol


def test_only_scheme_and_host_have_no_case() -> None:
    """Everything else of the address stays as it is. RFC 3986 6.2.2.1."""
    for url, text in (
        ("https://tv.example.com/d/wd?a=b", b"HTTPS://TV.EXAMPLE.COM/d/wd?a=b"),
        ("https://tv.example.com:8443", b"HTTPS://TV.EXAMPLE.COM:8443"),
        ("https://tv.example.com?code=wd", b"https://tv.example.com?code=wd"),
        ("https://tv.example.com#wd", b"https://tv.example.com#wd"),
        ("https://me@tv.example.com/", b"https://me@tv.example.com/"),
        ("tv.example.com/d", b"tv.example.com/d"),
        ("https://stra\u00dfe.example/D", "https://stra\u00dfe.example/D".encode()),
    ):
        assert qr_rows(flow(verification_uri_complete=url), LARGE) == encode(text), url


def test_without_complete_address() -> None:
    """A server without verification_uri_complete gets the plain address drawn. RFC 8628 3.3.1."""
    rows = qr_rows(flow(verification_uri_complete=None), LARGE)
    assert rows == encode(b"HTTPS://TV.EXAMPLE.COM/device")


def test_at_most() -> None:
    """A symbol that the screen has no room for is none. CL-06."""
    symbol = {"size": SIZE, "bits": BITS}
    assert len(qr_rows(flow(symbol), 25)) == 25
    assert qr_rows(flow(symbol), 24) == []
    assert len(qr_rows(flow(), 25)) == 25
    assert qr_rows(flow(), 24) == []


def test_smaller_one_is_drawn() -> None:
    """When the server's is too large for the screen, one that is drawn here may do."""
    symbol = {"size": 29, "bits": "A" * ((4 * 29 * 4 + 2) // 3)}
    assert len(qr_rows(flow(symbol), 29)) == 29
    assert len(qr_rows(flow(symbol), 25)) == 25


def test_encoder_is_not_kept() -> None:
    """The encoder takes memory while it draws, and only then; it can be had again. CL-16."""
    for _ in range(2):
        qr_rows(flow(), LARGE)
        assert "device_client.qr" not in sys.modules
        assert not hasattr(device_client, "qr")


def test_no_encoder_for_what_was_sent() -> None:
    """A symbol that was sent needs no encoder. CL-16."""
    sys.modules["device_client.qr"] = sys  # which encodes nothing
    assert len(qr_rows(flow({"size": SIZE, "bits": BITS}), LARGE)) == SIZE
