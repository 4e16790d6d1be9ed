"""The same requests by way of requests: through a proxy, over one connection, within the limits."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from device_client import requests_transport
from device_client.requests_transport import Connections
from tests.device_client.conftest import Serve
from tests.device_client.test_transport import BAD, GOOD, OK, certificate, opener  # noqa: F401

EMPTY = OK + b"Content-Length: 0\r\n\r\n"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
EARLY_HINTS = "1xx before the answer"  # of which http.client knows 100 only


class Api(BaseHTTPRequestHandler):
    """Answers every request with {}, and keeps what was asked."""

    protocol_version = "HTTP/1.1"
    url: str
    heads: list[str]
    connections: set[object]

    def do_GET(self) -> None:
        self.heads.append(f"{self.requestline}\n{self.headers}")
        self.connections.add(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Set-Cookie", "seen=1")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Proxy:
    """Connects whoever asks by CONNECT, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()
        self._sockets: list[socket.socket] = []

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            method, place = head.decode().split()[:2]
            self.asked.append(f"{method} {place}")
            host, _, port = place.rpartition(":")
            server = socket.create_connection((host, int(port)))
            self._sockets += [client, server]
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for source, target in ((client, server), (server, client)):
                self._threads.append(threading.Thread(target=_pass_on, args=(source, target)))
                self._threads[-1].start()

    def close(self) -> None:
        """Stop, and send away who is still connected."""
        for each in (self._socket, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (self._socket, *self._sockets):
            each.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(4096):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing of this machine's proxies."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def connections() -> Iterator[Connections]:
    """Give connections that trust what the system trusts."""
    connections = Connections(ssl.create_default_context())
    yield connections
    connections.close()


@pytest.fixture
def trusting(certificate: Path) -> Iterator[Connections]:  # noqa: F811
    """Give connections that trust the test's certificate alone."""
    connections = Connections(ssl.create_default_context(cafile=certificate))
    yield connections
    connections.close()


@pytest.fixture
def api(certificate: Path) -> Iterator[type[Api]]:  # noqa: F811
    """Run an API over TLS at `api.url`."""

    class Own(Api):
        heads: list[str] = []  # noqa: RUF012
        connections: set[object] = set()  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that left
    Own.url = f"https://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Run a proxy, and name it in the environment for everything."""
    proxy = Proxy()
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    yield proxy
    proxy.close()


def fetch(
    connections: Connections, url: str, form: dict[str, str] | None = None, **how: Any
) -> tuple[int, bytes]:
    """Fetch, by plain http too: the tests' byte servers have no TLS."""
    return connections.fetch(url, form, plain_http=url.startswith("http:"), **how)


def test_post(serve: Serve, connections: Connections) -> None:
    """A form is posted as RFC 6749 wants it. RFC 6749 appendix B."""
    server = serve(EMPTY)
    fetch(connections, server.url + "/token", {"scope": "a b&c=é"}, wait=25)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"scope=a+b%26c%3D%C3%A9"
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /token HTTP/1.1"
    assert sorted(lines) == [
        "Accept-Encoding: identity",
        "Accept: application/json",
        "Connection: keep-alive",
        "Content-Length: 22",
        "Content-Type: application/x-www-form-urlencoded",
        "Host: " + server.url.removeprefix("http://"),
        "Prefer: wait=25",
        "User-Agent: pairlight",
    ]


def test_bearer(serve: Serve, connections: Connections) -> None:
    """A token goes into the header. RFC 6750 2.1."""
    server = serve(EMPTY)
    fetch(connections, server.url, bearer="abc")
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer abc\r\n" in server.requests[0]


def test_no_passwords_of_others(
    serve: Serve, connections: Connections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ~/.netrc has for the host is not sent. CL-12."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(EMPTY)
    fetch(connections, server.url)
    assert b"Authorization" not in server.requests[0]


@pytest.mark.parametrize(("answer", "body"), [case for case in GOOD if case.id != EARLY_HINTS])
def test_answer(serve: Serve, connections: Connections, answer: bytes, body: bytes) -> None:
    """However the server marks the end, the body is whole. CL-16."""
    assert fetch(connections, serve(answer).url) == (200, body)


@pytest.mark.parametrize("answer", [case.values[0] for case in BAD], ids=[c.id for c in BAD])
def test_bad_answer(serve: Serve, connections: Connections, answer: bytes) -> None:
    """A broken answer is an error of the two kinds that the loop knows. CL-16."""
    with pytest.raises((OSError, ValueError)):
        fetch(connections, serve(answer).url, {}, idle=list)


def test_packed_answer(serve: Serve, connections: Connections) -> None:
    """A body that was packed without being asked for is not unpacked to any size. CL-16."""
    packed = b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    assert fetch(connections, serve(OK + packed).url) == (200, b"abcd")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect(serve: Serve, connections: Connections, status: int) -> None:
    """A redirect is an answer, and the token stays here. CL-12."""
    elsewhere = serve(EMPTY)
    moved = f"HTTP/1.1 {status} .\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n"
    server = serve(moved.encode())
    assert fetch(connections, server.url, {"a": "b"}, bearer="token")[0] == status
    assert not elsewhere.requests


def test_body_of_a_redirect(serve: Serve, connections: Connections) -> None:
    """A redirect's body has the same limit as any other. CL-16."""
    moved = b"HTTP/1.1 302 .\r\nLocation: /\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    server = serve(moved % 2 + b"{}", moved % 70000 + b"x" * 70000)
    assert fetch(connections, server.url) == (302, b"{}")
    with pytest.raises(OSError, match="too long"):
        fetch(connections, server.url)


def test_silence(serve: Serve, connections: Connections) -> None:
    """A server that says nothing is a network fault. CL-04."""
    with pytest.raises(OSError, match="timed out"):
        fetch(connections, serve(None).url, timeout=0.05)


def test_nobody_there(connections: Connections) -> None:
    """A closed port is a network fault, told in the system's words. CL-04."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match=r"^\[Errno \d+\] Connection refused$"):
        fetch(connections, f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("url", ["http://localhost", "ftp://localhost", "localhost", ""])
def test_refused_url(connections: Connections, url: str) -> None:
    """Only https gets a connection, unless plain http is asked for. CL-09, CL-12."""
    with pytest.raises(ValueError, match="not an https URL"):
        connections.fetch(url)


def test_token_with_a_line_break(connections: Connections) -> None:
    """A token cannot write header lines of its own. CL-12."""
    with pytest.raises(ValueError, match="token"):
        fetch(connections, "http://localhost", bearer="abc\r\nX: y")


def test_idle(serve: Serve, connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an answer is held there is time for other things; then it is whole. LP-09, CL-06."""
    monkeypatch.setattr(requests_transport, "STEP_MS", 10)
    gate = threading.Event()
    server = serve(OK + b"Content-Length: 2\r\n\r\n{}", before=lambda: gate.wait(5))
    calls, idle = opener(gate)
    assert fetch(connections, server.url, {"a": "b"}, wait=25, idle=idle) == (200, b"{}")
    assert len(calls) >= 3


def test_idle_begins_when_it_is_sent(connections: Connections) -> None:
    """`idle` is not called for a request that never went out. CL-01."""
    calls: list[bool] = []
    with pytest.raises(OSError, match="refused"):
        fetch(connections, "http://localhost:1", {}, idle=lambda: calls.append(True))
    assert not calls


def test_interrupt(serve: Serve, connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C does not wait for an answer that is held. CL-05."""
    gate = threading.Event()
    server = serve(EMPTY, before=lambda: gate.wait(5))

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(connections, server.url, {}, wait=25, idle=interrupt)
    assert not gate.is_set()
    gate.set()


def test_one_connection(trusting: Connections, api: type[Api]) -> None:
    """Several requests take one connection, and no cookie comes back. CL-12."""
    for _ in range(3):
        assert fetch(trusting, api.url + "/films") == (200, b"{}")
    assert len(api.connections) == 1
    assert "Cookie" not in "".join(api.heads)


def test_proxy(trusting: Connections, api: type[Api], proxy: Proxy) -> None:
    """https goes through the proxy of the environment, which sees a host and no more. CL-09."""
    assert fetch(trusting, api.url + "/films", bearer="abc") == (200, b"{}")
    assert proxy.asked == ["CONNECT " + api.url.removeprefix("https://")]
    assert "Bearer abc" in api.heads[0]


@pytest.mark.parametrize(
    "url", ["http://", "http://ada:secret@[::1", "foo://proxy.example", "http://h:secret"]
)
def test_bad_proxy(connections: Connections, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is none is a network fault, told without its password. CL-04, CL-12."""
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(OSError, match="proxy") as told:
        fetch(connections, "https://as.example")
    assert "secret" not in str(told.value)


def test_certificate_through_a_proxy(
    connections: Connections, api: type[Api], proxy: Proxy
) -> None:
    """A proxy vouches for nobody. CL-09."""
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(connections, api.url)
    assert len(proxy.asked) == 1


def test_exempt_from_the_proxy(
    trusting: Connections, api: type[Api], proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosts in NO_PROXY are asked directly. CL-09."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert fetch(trusting, api.url) == (200, b"{}")
    assert not proxy.asked


def test_plain_http_takes_no_proxy(serve: Serve, connections: Connections, proxy: Proxy) -> None:
    """What is not encrypted is shown to no proxy. CL-12."""
    assert fetch(connections, serve(EMPTY).url, bearer="abc") == (200, b"")
    assert not proxy.asked


def test_unknown_authority(connections: Connections, api: type[Api]) -> None:
    """A certificate that nobody vouches for is refused. CL-09."""
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(connections, api.url)


def test_wrong_name(trusting: Connections, api: type[Api]) -> None:
    """A certificate is good for its name alone. CL-09."""
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(trusting, api.url.replace("localhost", "127.0.0.1"))


def test_ca_file_stands_alone(certificate: Path, trusting: Connections) -> None:  # noqa: F811
    """The library's own list of authorities is not added to the given one. CL-09."""
    adapter = trusting._session.get_adapter("https://localhost")
    context = adapter.poolmanager.connection_pool_kw["ssl_context"]  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="refused"):
        fetch(trusting, "https://localhost:1")
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("spoil", ["check_hostname", "verify_mode"])
def test_trust_is_not_given_up(spoil: str) -> None:
    """A context that believes anybody is refused. CL-09."""
    context = ssl.create_default_context()
    context.check_hostname = False
    if spoil == "verify_mode":
        context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="checked"):
        Connections(context)
