"""The scripts without their page: the same steps as the Python client's, and right digests."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Page

from device_client.flow import DENIED, EXPIRED, WAITING, DeviceFlow
from device_client.renewal import Renewal
from device_client.return_code import ReturnCodeFlow

CODES = {
    "device_code": "d",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://pair.example.com/device",
    "expires_in": 600,
    "interval": 5,
}
TOKENS = {"access_token": "a", "token_type": "Bearer"}
# Takes a flow through answers, each [status, body, milliseconds from sending], as fast as it may;
# each request is looked at once while it is under way.
WALK = """([kind, answers]) => {
    let now = 0;
    const flow = kind === "renewal" ? new PairlightTV.Renewal("tv", "r", now)
        : new PairlightTV[kind]("tv", "", "v".repeat(43), now);
    return answers.map(([status, body, took]) => {
        if (body.enters && flow.returnCodeLength) flow.enter("0".repeat(flow.returnCodeLength));
        const waited = flow.step(now);
        if (!flow.isWaiting()) return null;
        now += waited;
        flow.step(now);
        flow.request();
        flow.step(now);
        now += took;
        flow.receive(status, body, now);
        return [waited, flow.state, flow.leftMs, flow.backoffMs, flow.error,
            flow.returnCodeLength || 0];
    });
}"""
Answer = tuple[int, dict[str, Any], int]


def python_walk(kind: str, answers: list[Answer]) -> list[Any]:
    """Take the Python client through the same answers."""
    now = 0
    sign_in = {"Flow": DeviceFlow, "ReturnCodeFlow": ReturnCodeFlow}.get(kind)
    flow = sign_in("tv", "", "v" * 43, now) if sign_in else Renewal("tv", "r", now)
    found: list[Any] = []
    for status, body, took in answers:
        length = getattr(flow, "return_code_length", 0)
        if isinstance(flow, ReturnCodeFlow) and body.get("enters") and length:
            flow.enter("0" * length)
        state, waited = flow.step(now)
        if state not in WAITING:
            found.append(None)
            continue
        now += waited
        flow.step(now)
        flow.request()
        flow.step(now)
        now += took
        flow.receive(status, dict(body), now)
        name = {DENIED: "DENIED", EXPIRED: "EXPIRED"}.get(flow.state, flow.state)
        length = getattr(flow, "return_code_length", 0)
        found.append([waited, name, flow.left_ms, flow.backoff_ms, flow.error, length])
    return found


ERRORS = [
    "authorization_pending",
    "slow_down",
    "access_denied",
    "expired_token",
    "invalid_grant",
    "temporarily_unavailable",
    "",
]
BODIES = st.one_of(
    st.builds(lambda error: {"error": error}, st.sampled_from(ERRORS)),
    st.builds(
        lambda interval: {"error": "slow_down", "interval": interval},
        st.sampled_from([10, "15", 1, -1, None, "x"]),
    ),
    st.sampled_from([{}, TOKENS, {"access_token": "a"}, {**TOKENS, "token_type": "mac"}]),
)
ASKED = st.builds(
    lambda length, left: {
        "error": "authorization_pending",
        "return_code_length": length,
        "expires_in": left,
    },
    st.sampled_from([4, 12, 13, 0, -1, None, "x"]),
    st.sampled_from([65, 7, 1, 0, -1, None, "x"]),
)
STATUSES = st.sampled_from([200, 400, 400, 400, 401, 403, 408, 428, 429, 500, 503, 0])
TOOK = st.sampled_from([50, 400, 6_000, 25_000, 36_000])
STARTS = st.sampled_from(
    [
        CODES,
        {**CODES, "interval": "1"},
        {**CODES, "interval": None, "expires_in": "60"},
        {**CODES, "verification_uri": None, "verification_url": "https://a.example"},
        {**CODES, "user_code": ""},
        {**CODES, "expires_in": 0},
        {"error": "invalid_client"},
    ]
)


@pytest.mark.parametrize("kind", ["Flow", "ReturnCodeFlow", "renewal"])
def test_the_pace_is_the_python_clients(scripts: Page, kind: str) -> None:
    """Whatever a server answers, both wait alike and end alike. CL-01, CL-02, CL-03, CL-04"""

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.tuples(st.just(0), st.just({}), TOOK), max_size=2),
        STARTS,
        st.tuples(st.just(400), ASKED, TOOK),
        st.lists(st.tuples(STATUSES, BODIES, TOOK), max_size=20),
        st.booleans(),
    )
    def compare(
        silent: list[Answer],
        start: dict[str, Any],
        asked: Answer,
        polls: list[Answer],
        enters: bool,
    ) -> None:
        polls = [(status, {**body, "enters": enters}, took) for status, body, took in polls]
        answers = [*silent, (200, start, 100), asked, *polls]
        assert scripts.evaluate(WALK, [kind, answers]) == python_walk(kind, answers)

    compare()


@pytest.mark.parametrize(
    "text", ["", "abc", "x" * 55, "x" * 56, "x" * 63, "x" * 64, "x" * 119, "~" * 128]
)
def test_sha256(scripts: Page, text: str) -> None:
    """Digests are right on both sides of each block's end. FIPS 180-4"""
    found = bytes(scripts.evaluate("text => PairlightTV.sha256(text)", text))
    assert found == hashlib.sha256(text.encode()).digest()


def test_the_challenge_is_of_the_verifier(scripts: Page) -> None:
    """S256 as in the standard's own example. RFC 7636 Appendix B, DAE-23"""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    script = "verifier => new PairlightTV.Flow('tv', '', verifier, 0).request().form"
    form = scripts.evaluate(script, verifier)
    assert form["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert "scope" not in form


def test_verifiers_are_random(scripts: Page) -> None:
    """A verifier is 64 hexadecimal digits of 32 random bytes. RFC 7636 4.1"""
    found = scripts.evaluate("[1, 2, 3].map(() => PairlightTV.random(32))")
    assert len(set(found)) == 3
    assert all(len(one) == 64 and int(one, 16) for one in found)


def read(rows: list[list[bool]]) -> str:
    """Draw a symbol with its quiet zone and read it as a phone would."""
    size = len(rows) + 8
    picture = Image.new("1", (size, size), 1)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            picture.putpixel((x + 4, y + 4), not dark)
    enlarged = picture.resize((size * 4, size * 4)).convert("L")
    [symbol] = zxingcpp.read_barcodes(enlarged)
    return symbol.text


# The most characters of versions 1 to 9 at level L (ISO/IEC 18004 table 7).
CAPITALS = [25, 47, 77, 114, 154, 195, 224, 279, 335]
BYTES = [17, 32, 53, 78, 106, 134, 154, 192, 230]


@pytest.mark.parametrize("version", range(1, 10))
@pytest.mark.parametrize(
    ("most", "alphabet"), [(CAPITALS, "HTTPS://PAIR.EXAMPLE/$%*+- "), (BYTES, "https://a.b/?c=_ü")]
)
def test_symbols_of_every_version(
    scripts: Page, version: int, most: list[int], alphabet: str
) -> None:
    """The longest text of a version is read from it, and one more needs the next. ISO 18004 7.4"""
    length = most[version - 1]
    text = (alphabet * length).encode()[:length].decode("utf-8", "ignore")
    text += "A" * (length - len(text.encode()))
    rows = scripts.evaluate("text => PairlightTV.qr(text)", text)
    assert len(rows) == 17 + 4 * version
    assert read(rows) == text
    if version < 9:
        rows = scripts.evaluate("text => PairlightTV.qr(text)", f"{text}A")
        assert len(rows) == 21 + 4 * version


def test_what_fits_no_version_is_refused(scripts: Page) -> None:
    """Past version 9 there is no symbol, and the screen does without. ISO 18004 7.4"""
    script = "text => { try { PairlightTV.qr(text); } catch (error) { return error.name; } }"
    assert scripts.evaluate(script, "x" * 231) == "RangeError"


@pytest.mark.parametrize(
    ("issuer", "addresses"),
    [
        (
            "https://pair.example.com",
            [
                "https://pair.example.com/.well-known/oauth-authorization-server",
                "https://pair.example.com/.well-known/openid-configuration",
            ],
        ),
        (
            "https://pair.example.com:8443/tv",
            [
                "https://pair.example.com:8443/.well-known/oauth-authorization-server/tv",
                "https://pair.example.com:8443/tv/.well-known/openid-configuration",
            ],
        ),
    ],
)
def test_where_metadata_is(scripts: Page, issuer: str, addresses: list[str]) -> None:
    """Before the issuer's path, and where OpenID Connect has it after that. RFC 8414 3.1"""
    script = "issuer => new PairlightTV.Discovery(issuer, 0).addresses"
    assert scripts.evaluate(script, issuer) == addresses


METADATA = {
    "issuer": "https://pair.example.com",
    "device_authorization_endpoint": "https://pair.example.com/d",
    "token_endpoint": "https://pair.example.com/t",
}
DISCOVER = """answers => {
    const flow = new PairlightTV.Discovery("https://pair.example.com", 0);
    const asked = answers.map(([status, body]) => {
        const url = flow.request().url;
        flow.receive(status, body, 0);
        return url.split("/").pop();
    });
    return [flow.state, flow.error, asked];
}"""
FIRST, SECOND = "oauth-authorization-server", "openid-configuration"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([(200, METADATA)], ["FOUND", "", [FIRST]]),
        ([(404, {}), (200, METADATA)], ["FOUND", "", [FIRST, SECOND]]),
        ([(0, {}), (503, {}), (200, METADATA)], ["FOUND", "", [FIRST] * 3]),
        ([(404, {}), (404, {})], ["FAILED", "no_metadata", [FIRST, SECOND]]),
        ([(200, {})], ["FAILED", "another_issuer", [FIRST]]),
        (
            [(200, METADATA | {"issuer": "https://pair.example.com/"})],
            ["FAILED", "another_issuer", [FIRST]],
        ),
        ([(200, METADATA | {"token_endpoint": 1})], ["FAILED", "no_device_flow", [FIRST]]),
    ],
)
def test_discovery(scripts: Page, answers: list[Any], found: list[Any]) -> None:
    """Metadata counts when it names its issuer exactly and both endpoints. CL-18, RFC 8414 3.3"""
    assert scripts.evaluate(DISCOVER, answers) == found


ENDPOINTS = [*list(METADATA)[1:], "revocation_endpoint", "userinfo_endpoint"]


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("https://elsewhere.example:8443/a/b?c=d", ""),
        ("HTTPS://[2001:db8::1]", ""),
        ("http://pair.example.com/t", "bad_endpoint"),
        ("https://[", "bad_endpoint"),
        ("https://", "bad_endpoint"),
        ("https://ada@pair.example.com/t", "bad_endpoint"),
        ("javascript:1", "bad_endpoint"),
        ("/t", "bad_endpoint"),
    ],
)
def test_endpoints_are_https_addresses(scripts: Page, name: str, address: str, error: str) -> None:
    """No code or token goes in the clear, or to what is no address. CL-18, RFC 8414 2"""
    found = scripts.evaluate(DISCOVER, [(200, METADATA | {name: address})])
    assert found[:2] == ["FAILED" if error else "FOUND", error]


@pytest.mark.parametrize(("address", "error"), [("http://a.example/t", ""), ("x", "bad_endpoint")])
def test_a_server_on_trial(scripts: Page, address: str, error: str) -> None:
    """Where the issuer is plain http, so may its endpoints be. RFC 8414 2"""
    script = DISCOVER.replace("https:", "http:")
    metadata = METADATA | {"issuer": "http://pair.example.com", "token_endpoint": address}
    found = scripts.evaluate(script, [(200, metadata)])
    assert found[:2] == ["FAILED" if error else "FOUND", error]


@pytest.mark.parametrize(
    "asked", [{"url": "http://["}, {"url": "https://a:99999"}, {"url": "data:,", "bearer": "a\nb"}]
)
def test_what_the_browser_refuses_is_told(scripts: Page, asked: dict[str, str]) -> None:
    """A request that cannot be made is answered, and later than it is asked. CL-08"""
    script = """asked => new Promise(done => {
        let returned = false;
        PairlightTV.send(asked, (status, answer) => done([returned, status, answer]));
        returned = true;
    })"""
    assert scripts.evaluate(script, asked) == [True, -1, {}]


def test_a_refused_request_can_be_given_up(scripts: Page) -> None:
    """Who gives up hears no more of it, of a refusal neither. CL-08"""
    script = """new Promise(done => {
        PairlightTV.send({url: "http://["}, () => done("told"))();
        PairlightTV.send({url: "http://["}, () => done("given up"));
    })"""
    assert scripts.evaluate(script) == "given up"


def test_bits_are_drawn_as_they_are(scripts: Page) -> None:
    """Rows begin at whole bytes, and the leftmost module is the highest bit. wire_extensions"""
    rows = [0x80_00_08 if y % 2 else 0x55_55_50 for y in range(21)]
    packed = b"".join(row.to_bytes(3, "big") for row in rows)
    bits = urlsafe_b64encode(packed).decode().rstrip("=")
    script = """symbol => new Promise(done =>
        PairlightTV.qrRows({verificationQr: symbol}, done))"""
    drawn = scripts.evaluate(script, {"size": 21, "bits": bits})
    assert [[bool(row >> (23 - x) & 1) for x in range(21)] for row in rows] == drawn


def test_answers_are_objects(scripts: Page) -> None:
    """What is no JSON object is an empty one, so that no script trips over it. CL-08"""
    for body in ("", "x", "null", "1", json.dumps("x")):
        script = """body => new Promise(done => PairlightTV.send(
            {url: "data:application/json," + encodeURIComponent(body)},
            (status, answer) => done(answer)))"""
        assert scripts.evaluate(script, body) == {}
