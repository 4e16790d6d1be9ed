"""Where the browser may be sent, against a corpus of open redirectors."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import ErrorCode, OAuthError
from server.core.records import Client
from server.core.redirect_uris import destination, problem, registered
from server.core.registration import RegistrationError
from tests.server.browser_app import BrowserApp
from tests.server.core.forged_addresses import FORGED, KNOWN, LOOPBACKS, PRIVATE, WEB
from tests.server.stage import Stage


def client(*uris: str) -> Client:
    """Return a client with these addresses."""
    known = " ".join(uris)
    return Client(
        "photos", "Photos", None, "authorization_code", "profile", 0.0, redirect_uris=known
    )


def refused(sent: str, *uris: str) -> bool:
    """Tell whether an address is refused to a client with these."""
    try:
        registered(sent, client(*uris))
    except OAuthError as error:
        return error.code is ErrorCode.INVALID_REQUEST
    return False


@pytest.mark.parametrize("sent", FORGED)
def test_what_is_like_a_registered_one_is_refused(sent: str) -> None:
    """Nothing that differs by a letter is taken for a registered address. AC-01, CV-32."""
    assert refused(sent, *KNOWN)


@pytest.mark.parametrize("uri", KNOWN)
def test_a_registered_one_is_returned_as_it_is(uri: str) -> None:
    """Each registered address is good, letter by letter. AC-01."""
    assert registered(uri, client(*KNOWN)) == uri


@given(st.text(max_size=60) | st.sampled_from(FORGED))
def test_only_what_is_registered_comes_out(sent: str) -> None:
    """Whatever is sent, the answer is the one web address or none. AC-01."""
    if refused(sent, WEB):
        return
    assert registered(sent, client(WEB)) == WEB
    assert sent in {"", WEB}


@pytest.mark.parametrize(
    "sent",
    [
        "http://127.0.0.1:49152/back",
        "http://127.0.0.1:80/back",
        "http://[::1]:49152/back",
        "http://[::1]/back",
        "http://localhost:49152/back",
        "http://localhost/back",
    ],
)
def test_the_port_of_this_computer_is_free(sent: str) -> None:
    """A program listens where the system lets it, and is answered there. RFC 8252 7.3, AC-01."""
    assert registered(sent, client(*KNOWN)) == sent


@pytest.mark.parametrize(
    "sent", ["http://localhost/back", "http://[::1]/back", "http://127.0.0.1:1/other"]
)
def test_loopback_hosts_are_not_the_same(sent: str) -> None:
    """Only the port is free: not the name of the host, not the path. RFC 8252 7.3, AC-01."""
    assert refused(sent, "http://127.0.0.1/back")


def test_the_only_address_need_not_be_sent() -> None:
    """Without redirect_uri the one registered address is meant. RFC 6749 3.1.2.3, AC-01."""
    assert registered("", client(WEB)) == WEB


@pytest.mark.parametrize("known", [(), (WEB, PRIVATE)])
def test_of_none_or_two_addresses_none_is_meant(known: tuple[str, ...]) -> None:
    """Without redirect_uri nothing is guessed. RFC 6749 3.1.2.3, AC-01."""
    assert refused("", *known)


@pytest.mark.parametrize(
    "uri",
    [
        WEB,
        "https://photos.example/back?kind=1",
        "https://photos.example:8443/back",
        "https://[2001:db8::1]/back",
        *LOOPBACKS,
        "http://127.0.0.1",
        PRIVATE,
        "com.example.photos://signed-in/back",
    ],
)
def test_proper_addresses_can_be_registered(uri: str) -> None:
    """Web addresses over TLS, this computer and private schemes are good. AC-08, RFC 8252 7."""
    assert problem(uri) is None


@pytest.mark.parametrize(
    "uri",
    [
        "http://photos.example/back",
        "http://127.0.0.1.evil.example/back",
        "http://127.0.0.2/back",
        "http://localhost.evil.example/",
        "http://192.168.0.1/back",
        "HTTP://photos.example/back",
    ],
)
def test_http_is_for_this_computer_alone(uri: str) -> None:
    """A code does not travel a network in the clear. AC-08."""
    assert "https" in (problem(uri) or "")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "photos.example/back",
        "//photos.example/back",
        "/back",
        "https://",
        "https:///back",
        "https:/photos.example/back",
        "https:photos.example",
        "https://user@photos.example/back",
        "https://@photos.example/back",
        "https://*.photos.example/back",
        "https://*/back",
        "https://photos.example%2f.evil.example/back",
        "https://photos$.example/back",
        "https://user:secret@photos.example/back",
        "https://photos.example:0/back",
        "https://photos.example:70000/back",
        "https://photos.example:x/back",
        "https://[::1/back",
        "https://photos.example/back#here",
        "https://photos.example/back#",
        "https://photos.example/a b",
        "https://photos.example/a;b",
        "https://photos.example/a,b",
        'https://photos.example/"',
        "https://photos.example\\back",
        "https://photos.example/back\n",
        "https://photos.example/\r\nx",
        "https://photos.example/\0",
        "https://ph\u043etos.example/back",
        "javascript:alert(1)",
        "data:text/html",
        "file:/etc/passwd",
        "blob:x",
        "photos:/back",
        "urn:ietf:wg:oauth:2.0:oob",
        "https://photos.example/" + "x" * 2000,
    ],
)
def test_other_addresses_cannot_be_registered(uri: str) -> None:
    """Nothing that a browser may read in two ways, runs, or belongs to anybody. AC-01, AC-08."""
    assert problem(uri)


@pytest.mark.parametrize("name", ["redirect_uris", "logout_redirect_uris"])
def test_registration_refuses_them(stage: Stage, name: str) -> None:
    """One bad address among good ones, of either kind, and there is no such client. AC-08."""
    wanted: dict[str, Any] = {name: (WEB, "http://photos.example/back")}
    with pytest.raises(RegistrationError, match="cannot send anybody"):
        BrowserApp(stage, **wanted)
    assert stage.server.ports.clients.find("photos") is None


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        (WEB, "photos.example"),
        ("https://photos.example:8443/back", "photos.example:8443"),
        ("http://127.0.0.1:49152/back", "this computer"),
        ("http://[::1]/back", "this computer"),
        (PRIVATE, "the app com.example.photos"),
    ],
)
def test_a_person_is_told_where_an_address_leads(uri: str, told: str) -> None:
    """The host, this computer or the name of an app; nothing that the path makes up. AC-14."""
    assert destination(uri) == told
