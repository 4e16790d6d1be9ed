"""What a resource server believes of what its issuer publishes, and how it asks for it."""

import json
import socket
from contextlib import nullcontext, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Response

from server.resource import ResourceServer
from server.resource.fetching import LARGEST, Unavailable, _tls, acceptable, fetch
from server.resource.issuer import keys, metadata
from tests.clients.trust import make_certificates
from tests.journeys.running_portal import free_port
from tests.server.resource.played_issuer import AUDIENCE, JWKS, METADATA, PlayedIssuer, listening


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example.com", "jwks_uri": "https://evil.example.com/keys"},
        {"jwks_uri": "https://evil.example.com/keys"},
        ["issuer"],
    ],
)
def test_metadata_of_another_issuer_is_not_believed(issuer: PlayedIssuer, document: Any) -> None:
    """The issuer in the metadata must be the one that was asked. RFC 8414 3.3."""
    issuer.instead[METADATA] = Response(json.dumps(document))
    with pytest.raises(Unavailable):
        metadata(issuer.url)


@pytest.mark.parametrize(
    "address", [None, 5, "", "http://192.0.2.1/keys", "file:///etc/passwd", "ftp://127.0.0.1/"]
)
def test_keys_come_by_https_only(issuer: PlayedIssuer, address: object) -> None:
    """A jwks_uri without https, except to this machine, is not asked. RFC 8414 2."""
    document = json.dumps({"issuer": issuer.url, "jwks_uri": address})
    issuer.instead[METADATA] = Response(document)
    with pytest.raises(Unavailable, match="not an https URL"):
        keys(issuer.url)


def test_only_keys_for_signatures_are_taken(issuer: PlayedIssuer) -> None:
    """Shared secrets, keys for encryption and what is no key are passed over. JW-02."""
    good = issuer.keys[0].as_dict(private=False)
    odd = [
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"},
        {**good, "kid": "encrypting", "use": "enc"},
        {**good, "kid": "other", "alg": "HS256"},
        {**good, "kid": "none", "alg": "none"},
        {**good, "kid": "broken", "x": "AA"},
        {**good, "kid": 5},
        {"kty": "EC", "kid": "bare"},
        {"kty": ["EC"], "kid": "list"},
        "key",
        None,
    ]
    issuer.instead[JWKS] = Response(json.dumps({"keys": [*odd, good]}))
    assert list(keys(issuer.url)) == [good["kid"]]


def test_a_key_set_that_is_none_changes_nothing(issuer: PlayedIssuer) -> None:
    """A document without a list of keys is a fault of the issuer. RFC 7517 5."""
    issuer.instead[JWKS] = Response('{"keys": {}}')
    with pytest.raises(Unavailable):
        keys(issuer.url)


def test_an_issuer_with_a_path(issuer: PlayedIssuer) -> None:
    """The well-known path stands between host and path. RFC 8414 3.1."""
    name = f"{issuer.url}/tv/"
    issuer.instead[f"{METADATA}/tv"] = Response(json.dumps({"issuer": name, "jwks_uri": "x"}))
    assert metadata(name)["issuer"] == name


@pytest.mark.parametrize(
    "answer",
    [
        Response("", 302, {"Location": JWKS}),
        Response("{}", 404),
        Response("{"),
        Response("[" * 100_000),
        Response("[]"),
        Response(b"\xff"),
        Response(" " * LARGEST + "{}"),
    ],
)
def test_only_an_object_in_a_200_is_an_answer(issuer: PlayedIssuer, answer: Response) -> None:
    """Redirects, errors, broken JSON and more than a megabyte are no answer. RFC 8414 3.2."""
    issuer.instead[JWKS] = answer
    with pytest.raises(Unavailable):
        fetch(issuer.url + JWKS)
    assert issuer.asked == {JWKS: 1}


def test_https_is_held_to_its_certificate(
    issuer: PlayedIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate of an unknown authority, or for another name, ends it. RFC 8414 6.1."""
    authority, own = make_certificates(tmp_path)
    port = free_port()
    with listening(issuer.app, port, own):
        for trusted, host, good in (
            (own, "localhost", False),
            (authority, "127.0.0.1", False),
            (authority, "localhost", True),
        ):
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            _tls.cache_clear()
            with nullcontext() if good else pytest.raises(Unavailable):
                fetch(f"https://{host}:{port}{JWKS}")
    _tls.cache_clear()
    assert issuer.asked == {JWKS: 1}


def test_a_closed_port_is_told_at_once(issuer: PlayedIssuer) -> None:
    """Nothing that listens is nothing that answers. RB-07."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/")


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_drips_ends_in_time(begun: bytes) -> None:
    """An answer whose bytes never stop coming is given up, and not only silence is. RB-07."""
    over = Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(begun)
            while not over.wait(0.01):
                connection.sendall(b"X")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=drip, args=(listening,))
        thread.start()
        with pytest.raises(Unavailable):
            fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/", seconds=0.2)
        over.set()
        thread.join(20)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://pair.example.com", True),
        ("https://pair.example.com:8443/tv", True),
        ("http://localhost:8628", True),
        ("http://127.0.0.1:8628", True),
        ("http://[::1]:8628", True),
        ("http://pair.example.com", False),
        ("http://localhost.example.com", False),
        ("https://ada:secret@pair.example.com", False),
        ("https://pair.example.com:port", False),
        ("https://pair.example.com:99999", False),
        ("https://pair.example.com/#x", False),
        ("https://pair.example.com/\r\nX: y", False),
        ("https://[::1", False),
        ("https://", False),
        ("", False),
    ],
)
def test_where_tokens_may_go(url: str, good: bool) -> None:
    """Requests go by https, or stay on this machine. RFC 8414 2."""
    assert acceptable(url) is good
    if not good:
        with pytest.raises(ValueError, match="not an issuer"):
            ResourceServer(url, AUDIENCE)
