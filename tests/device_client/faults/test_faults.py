"""Every fault at every step of a sign-in, on both Pythons: the network heals, and all is well."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.device_client.faults import life as lives
from tests.device_client.faults import proxy
from tests.device_client.faults.network import Network
from tests.device_client.pythons import PYTHONS, caller

METADATA, START, POLL, REFRESH = STEPS = (
    "oauth-authorization-server",
    "device_authorization",
    "poll",
    "refresh",
)
# Whoever sees these only knows that there was no answer. A name of 262 bytes is in no DNS, and
# nobody has to be asked for it.
NOWHERE = "http://" + "a." * 130 + "x"
CAPTIVE = proxy.answering("200 OK", b"<html><form>Your room number?</form></html>")
FAULTS = {
    "reset": (proxy.reset, "OSError"),
    "half": (proxy.half, "OSError"),
    "silence": (proxy.silence, "OSError"),
    "giant": (proxy.answering("200 OK", b"x" * 70000), "OSError"),
    "502": (proxy.answering("502 Bad Gateway", b"<html>"), "502"),
    "429": (proxy.answering("429 Too Many\r\nRetry-After: 9", b""), "429"),
}
# How it goes when nothing is wrong: milliseconds since it began, step, what came.
METADATA_ASKED = ["0 oauth-authorization-server 200"]
SIGN_IN = ["0 device_authorization 200", "6000 poll 200", "SIGNED_IN"]
RENEWAL = ["0 refresh 200", "SIGNED_IN", "0 userinfo 200", "200 True"]
# One request without an answer, and when the next one comes: twice the pace later (RFC 8628 3.5).
WAITS = {
    METADATA: ["0 oauth-authorization-server {}", "2000 oauth-authorization-server 200"],
    START: [
        "0 device_authorization {}",
        "2000 device_authorization 200",
        "8000 poll 200",
        "SIGNED_IN",
    ],
    POLL: [
        "0 device_authorization 200",
        "6000 poll {}",
        "18000 poll 200",
        "SIGNED_IN",
    ],
    REFRESH: ["0 refresh {}", "2000 refresh 200", "SIGNED_IN", "2000 userinfo 200", "200 True"],
}

Live = Callable[..., list[str]]


@pytest.fixture(params=PYTHONS)
def life(request: pytest.FixtureRequest, network: Network, tmp_path: Path) -> Live:
    """Live a device's life on each Python in turn; what it noted, without what people see."""
    live = caller(request, lives, "live")

    def lived(astray: dict[str, list[str]] | None = None, ticks_ms: int = 0) -> list[str]:
        lines = live(network.proxy.url, str(tmp_path / "tokens"), astray, ticks_ms)
        assert len(network.secrets()) >= 3
        assert not [secret for secret in network.secrets() if secret in "\n".join(lines)]
        return _noted(lines)

    return lived


def _noted(lines: list[str]) -> list[str]:
    # Which kind of OSError depends on the system, and says nothing.
    kinds = ("TimeoutError", "ConnectionResetError", "ConnectionRefusedError", "gaierror")
    shown = ("To sign in", "and enter", " min left", "switched off")
    noted = [line.strip() for line in lines if not any(words in line for words in shown)]
    for kind in kinds:
        noted = [line.replace(kind, "OSError") for line in noted]
    return noted


def expected(step: str, came: str) -> list[str]:
    """Return what is noted when the first answer at a step is `came`."""
    first = [line.format(came) for line in WAITS[step]]
    return [
        *(first if step == METADATA else METADATA_ASKED),
        *(first if step in {START, POLL} else SIGN_IN),
        *METADATA_ASKED,
        *(first if step == REFRESH else RENEWAL),
    ]


def test_no_fault(life: Live) -> None:
    """Codes, polls, tokens, a restart with a renewal, and a call of the API. CL-01, CL-15."""
    assert life() == [*METADATA_ASKED, *SIGN_IN, *METADATA_ASKED, *RENEWAL]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTS)
def test_fault(network: Network, life: Live, name: str, step: str) -> None:
    """What fails once is asked again, twice the pace later, and nobody sees a secret. CL-04."""
    fault, came = FAULTS[name]
    network.proxy.faults[step] = [fault]
    assert life() == expected(step, came)


@pytest.mark.parametrize("step", STEPS)
def test_no_such_host(life: Live, step: str) -> None:
    """So it is while no name can be looked up. CL-04."""
    assert life({step: [NOWHERE]}) == expected(step, "OSError")


@pytest.mark.parametrize("step", STEPS)
def test_refused(life: Live, step: str) -> None:
    """So it is while nothing listens there. CL-04."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert life({step: [nobody]}) == expected(step, "OSError")


@pytest.mark.parametrize("step", STEPS)
def test_byte_by_byte(network: Network, life: Live, step: str) -> None:
    """An answer may come a byte at a time. CL-16."""
    network.proxy.faults[step] = [proxy.drip]
    assert life() == [*METADATA_ASKED, *SIGN_IN, *METADATA_ASKED, *RENEWAL]


def test_faults_in_a_row(network: Network, life: Live) -> None:
    """Each fault more doubles the wait, up to a minute. CL-04."""
    network.proxy.faults[POLL] = [proxy.reset, FAULTS["502"][0], FAULTS["429"][0], proxy.half]
    sign_in = [
        *SIGN_IN[:1],
        "6000 poll OSError",
        "18000 poll 502",
        "42000 poll 429",
        "90000 poll OSError",
        "150000 poll 200",
        "SIGNED_IN",
    ]
    assert life() == [*METADATA_ASKED, *sign_in, *METADATA_ASKED, *RENEWAL]


def test_captive_portal_before_the_codes(network: Network, life: Live) -> None:
    """A page in place of the codes ends it by name, and the next try works. RFC 8628 3.2."""
    network.proxy.faults[START] = [CAPTIVE]
    failed = ["0 device_authorization 200", "FAILED invalid_response"]
    assert life() == [*METADATA_ASKED, *failed, *SIGN_IN, *METADATA_ASKED, *RENEWAL]


def test_captive_portal_before_the_tokens(network: Network, life: Live) -> None:
    """A page in place of the tokens too; over TLS no captive portal gets so far. RFC 6749 5.1."""
    network.proxy.faults[POLL] = [CAPTIVE]
    failed = [*SIGN_IN[:1], "6000 poll 200", "FAILED invalid_response"]
    assert life() == [*METADATA_ASKED, *failed, *SIGN_IN, *METADATA_ASKED, *RENEWAL]


def test_captive_portal_before_the_renewal(network: Network, life: Live) -> None:
    """A page in place of new tokens leaves the old ones good. CL-15."""
    network.proxy.faults[REFRESH] = [CAPTIVE]
    failed = ["0 refresh 200", "FAILED invalid_response"]
    assert life() == [*METADATA_ASKED, *SIGN_IN, *METADATA_ASKED, *failed, *RENEWAL]


def test_captive_portal_before_the_metadata(network: Network, life: Live) -> None:
    """A page in place of the metadata is none, in both places where it could be. RFC 8414 3."""
    network.proxy.faults = {METADATA: [CAPTIVE], "openid-configuration": [CAPTIVE]}
    asked = [*METADATA_ASKED, "0 openid-configuration 200", "2000 oauth-authorization-server 200"]
    assert life() == [*asked, *SIGN_IN, *METADATA_ASKED, *RENEWAL]


@pytest.mark.parametrize("before_ms", [1, 4000])
def test_clock_wraps(life: Live, before_ms: int) -> None:
    """A clock that starts again at 0 in the middle of it all changes nothing. CL-13."""
    lines = life(None, (1 << 30) - before_ms)
    assert lines == [*METADATA_ASKED, *SIGN_IN, *METADATA_ASKED, *RENEWAL]
