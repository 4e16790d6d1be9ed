"""One request over real sockets, against a server on this machine that answers byte for byte."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from device_client.run import fetch as fetch_anywhere
from device_client.transport import split
from device_client.trust import tls_context
from tests.device_client.conftest import OnBoard, Serve

OK = b"HTTP/1.1 200 OK\r\n"
OPENSSL = (
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
)

fetch = partial(fetch_anywhere, plain_http=True)

GOOD = [
    pytest.param(OK + b"Content-Length: 2\r\n\r\n{}", b"{}", id="length"),
    pytest.param(OK + b"content-length:2\r\n\r\n{}, and more", b"{}", id="more than the length"),
    pytest.param(OK + b"\r\n{}", b"{}", id="until closed"),
    pytest.param(OK + b"\r\n" + b"x" * 60000, b"x" * 60000, id="much until closed"),
    pytest.param(
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n",
        b"{}",
        id="chunked",
    ),
    pytest.param(OK + b"Content-Length: 0\r\n\r\n", b"", id="empty"),
    pytest.param(
        OK + b"X: " + b"x" * 5000 + b"\r\nContent-Length: 2\r\n\r\n{}", b"{}", id="long header line"
    ),
    pytest.param(
        OK + b"X: " + b"x" * 253 + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"{}",
        id="a header inside a header",
    ),
    pytest.param(OK + b"Content-Length: 65536\r\n\r\n" + b"x" * 65536, b"x" * 65536, id="64 KiB"),
    pytest.param(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        + OK
        + b"Content-Length: 2\r\n\r\n{}",
        b"{}",
        id="1xx before the answer",
    ),
]

BAD = [
    pytest.param(b"", id="closed at once"),
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="not HTTP"),
    pytest.param(OK + b"Content-Length: 3\r\n\r\n{}", id="cut short"),
    pytest.param(OK + b"Content-Length: 65537\r\n\r\n", id="too long"),
    pytest.param(OK + b"\r\n" + b"x" * 70000, id="too long, until closed"),
    pytest.param(OK + b"Content-Length: many\r\n\r\n", id="length in words"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n10001\r\n", id="chunk too long"),
    pytest.param(
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"x" * 32768 + b"\r\n") * 3,
        id="chunks too long together",
    ),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", id="no last chunk"),
    pytest.param(OK + b"X: y\r\n" * 70000, id="endless header"),
    pytest.param(OK + b"X" * 70000, id="endless header line"),
    pytest.param(OK + b"X: y\r\n", id="header cut short"),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="nothing after 1xx"),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 70000, id="endless 1xx"),
]


def test_post(serve: Serve) -> None:
    """A form is posted as RFC 6749 wants it, with its length. RFC 6749 appendix B."""
    server = serve(OK + b"Content-Length: 0\r\n\r\n")
    fetch(server.url + "/token", {"scope": "a b&c=é"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"scope=a%20b%26c%3D%C3%A9"
    assert head.split(b"\r\n") == [
        b"POST /token HTTP/1.1",
        b"Host: " + server.url.removeprefix("http://").encode(),
        b"User-Agent: pairlight",
        b"Accept: application/json",
        b"Connection: close",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: 24",
    ]


def test_prefer(serve: Serve) -> None:
    """A wait is asked for in so many seconds. LP-09, RFC 7240 4.3."""
    server = serve(OK + b"Content-Length: 0\r\n\r\n")
    fetch(server.url, {}, wait=25)
    assert b"\r\nPrefer: wait=25\r\n" in server.requests[0]


def test_get(serve: Serve) -> None:
    """Without a form it is GET, and a token goes into the header. RFC 6750 2.1."""
    server = serve(OK + b"Content-Length: 0\r\n\r\n")
    fetch(server.url, bearer="abc")
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer abc\r\n\r\n" in server.requests[0]


@pytest.mark.parametrize(("answer", "body"), GOOD)
def test_answer(serve: Serve, answer: bytes, body: bytes) -> None:
    """However the server marks the end, the body is whole. CL-16."""
    assert fetch(serve(answer).url) == (200, body)


@pytest.mark.parametrize("answer", BAD)
def test_bad_answer(serve: Serve, answer: bytes) -> None:
    """A broken answer is refused within bounds, by one of two errors. CL-16."""
    with pytest.raises((OSError, ValueError)):
        fetch(serve(answer).url)


def test_status_of_any_kind(serve: Serve) -> None:
    """A redirect is an answer, and is not followed. CL-12."""
    server = serve(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", OK)
    assert fetch(server.url)[0] == 302
    assert len(server.requests) == 1


def test_silence(serve: Serve) -> None:
    """A server that says nothing is a network fault. CL-04."""
    with pytest.raises(TimeoutError):
        fetch(serve(None).url, timeout=1, step_ms=0)


@pytest.fixture
def gate() -> threading.Event:
    """Return what held answers wait for."""
    return threading.Event()


def opener(gate: threading.Event) -> tuple[list[bool], Callable[[], None]]:
    """Return an `idle` that opens the gate at the third call, and the list of its calls."""
    calls = []

    def idle() -> None:
        calls.append(True)
        if len(calls) == 3:
            gate.set()

    return calls, idle


def test_idle(serve: Serve, gate: threading.Event) -> None:
    """While an answer is held there is time for other things; then it is whole. LP-09, CL-06."""
    server = serve(OK + b"Content-Length: 2\r\n\r\n{}", before=lambda: gate.wait(5))
    calls, idle = opener(gate)
    assert fetch(server.url, {}, wait=25, idle=idle, step_ms=10) == (200, b"{}")
    assert len(calls) >= 3


def test_idle_and_then_nothing(serve: Serve, gate: threading.Event) -> None:
    """A connection that ends while the answer is held is a network fault. LP-09, CL-04."""
    server = serve(b"", before=lambda: gate.wait(5))
    with pytest.raises(OSError, match="bad answer"):
        fetch(server.url, wait=25, idle=opener(gate)[1], step_ms=10)


def test_held_too_long(serve: Serve) -> None:
    """A server that holds its answer for ever is a network fault. LP-09, CL-04."""
    steps: list[bool] = []
    with pytest.raises(TimeoutError):
        fetch(serve(None).url, wait=2, timeout=1, idle=lambda: steps.append(True), step_ms=0)
    assert len(steps) == 15


def test_nobody_there() -> None:
    """A closed port is a network fault. CL-04."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        fetch(f"http://127.0.0.1:{port}")


def test_next_address(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a host's first address does not answer, the next one is tried. CL-04."""
    port = int(serve(OK + b"\r\n").url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    kinds = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
    addresses = [(*kinds, ("127.0.0.1", number)) for number in (closed, port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: addresses)
    assert fetch("http://localhost") == (200, b"")


NOT_HTTPS = "not an https URL"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://as.example/token", NOT_HTTPS),
        ("http://localhost", NOT_HTTPS),
        ("http://127.0.0.1@as.example", NOT_HTTPS),
        ("http://[::2]", NOT_HTTPS),
        ("HTTP://as.example", NOT_HTTPS),
        ("ftp://localhost", NOT_HTTPS),
        ("as.example", NOT_HTTPS),
        ("", NOT_HTTPS),
        ("https://as.example/a b", NOT_HTTPS),
        ("https://as.example/\r\nX: y", NOT_HTTPS),
        ("https://as.example:port/", "invalid literal"),
        ("https://[::1]/", "invalid literal"),
    ],
)
def test_refused_url(url: str, problem: str) -> None:
    """Only https, or http on this machine, gets a connection. CL-09, CL-12."""
    with pytest.raises(ValueError, match=problem):
        fetch_anywhere(url)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://as.example", (True, "as.example", 443, "/", "as.example")),
        ("https://as.example:8443/a?b", (True, "as.example", 8443, "/a?b", "as.example:8443")),
        ("https://as.example:/a", (True, "as.example", 443, "/a", "as.example:")),
        ("http://localhost:5000/a/", (False, "localhost", 5000, "/a/", "localhost:5000")),
        ("http://127.0.0.1", (False, "127.0.0.1", 80, "/", "127.0.0.1")),
    ],
)
def test_split(url: str, parts: tuple[bool, str, int, str, str]) -> None:
    """The parts of a URL that are needed for a request. RFC 9110 4.2."""
    target, authority = parts[3:]
    *found, head = split(url, plain_http=True)
    assert found == list(parts[:3])
    assert head.startswith(f" {target} HTTP/1.1\r\nHost: {authority}\r\n")


def test_token_with_a_line_break() -> None:
    """A token cannot write header lines of its own. CL-12."""
    with pytest.raises(ValueError, match="bearer"):
        fetch("http://localhost", bearer="abc\r\nX: y")


def test_on_a_board(serve: Serve, on_board: OnBoard) -> None:
    """The same requests and answers on MicroPython. CL-16."""
    answers = [answer.values[0] for answer in GOOD]
    server = serve(*answers)
    printed = on_board(f"""
from device_client.run import fetch
for _ in range({len(answers)}):
    status, body = fetch("{server.url}/token", {{"a": "b c"}}, "abc", plain_http=True)
    print(status, len(body), str(body[:2], "utf-8"))
""")
    bodies: list[bytes] = [answer.values[1] for answer in GOOD]  # type: ignore[misc]
    assert printed.splitlines() == [f"200 {len(body)} {body[:2].decode()}" for body in bodies]
    assert server.requests[0].endswith(b"\r\n\r\na=b%20c")


def test_bad_answers_on_a_board(serve: Serve, on_board: OnBoard) -> None:
    """MicroPython refuses the same broken answers, with little memory. CL-16."""
    answers = [answer.values[0] for answer in BAD]
    server = serve(*answers)
    printed = on_board(
        f"""
from device_client.run import fetch
for _ in range({len(answers)}):
    try:
        fetch("{server.url}", plain_http=True)
        print("no error")
    except (OSError, ValueError, MemoryError):
        print("refused")
""",
        heap="48k",
    )
    assert printed.splitlines() == ["refused"] * len(answers)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for localhost, and its key in the same file."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subprocess.run(
        ["openssl", *OPENSSL.split(), "-keyout", f"{file}.key", "-out", str(file)],
        check=True,
        capture_output=True,
    )
    return file


@pytest.fixture
def tls_port(certificate: Path, gate: threading.Event) -> Iterator[int]:
    """Run a TLS server that answers once with {}, to POST when the gate is open."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_answer_once, args=(listener, context, gate))
    thread.start()
    yield listener.getsockname()[1]
    thread.join()
    listener.close()


def _answer_once(listener: socket.socket, context: ssl.SSLContext, gate: threading.Event) -> None:
    connection, _ = listener.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as secure:
            if secure.recv(4096).startswith(b"POST"):
                gate.wait(5)
            secure.sendall(OK + b"Content-Length: 2\r\n\r\n{}")
    except OSError:
        connection.close()  # the client did not like the certificate


def test_idle_over_tls(certificate: Path, tls_port: int, gate: threading.Event) -> None:
    """Session tickets, which come before the answer, are not taken for it. LP-09, CL-06."""
    calls, idle = opener(gate)
    context = tls_context(str(certificate))
    url = f"https://localhost:{tls_port}"
    assert fetch(url, {}, context=context, wait=25, idle=idle, step_ms=10) == (200, b"{}")
    assert len(calls) >= 3


IDLE_ON_BOARD = """
from device_client.run import fetch
from device_client.trust import tls_context
calls = []
def idle():
    calls.append(True)
    if len(calls) == 3:
        fetch("{opener}", plain_http=True)
context = tls_context("{ca_file}") if "{ca_file}" else None
print(fetch("{url}", dict(), "", context, True, wait=25, idle=idle, step_ms=10), len(calls) > 2)
"""


def test_idle_on_a_board(serve: Serve, gate: threading.Event, on_board: OnBoard) -> None:
    """MicroPython has time for its watchdog while an answer is held. LP-09, CL-06."""
    held = serve(OK + b"Content-Length: 2\r\n\r\n{}", before=lambda: gate.wait(5))
    opens = serve(OK + b"\r\n", before=gate.set)
    code = IDLE_ON_BOARD.format(url=held.url, opener=opens.url, ca_file="")
    assert on_board(code) == "(200, b'{}') True\n"


def test_idle_over_tls_on_a_board(
    serve: Serve, certificate: Path, tls_port: int, gate: threading.Event, on_board: OnBoard
) -> None:
    """The same over TLS. LP-09, CL-06."""
    opens = serve(OK + b"\r\n", before=gate.set)
    url = f"https://localhost:{tls_port}"
    code = IDLE_ON_BOARD.format(url=url, opener=opens.url, ca_file=certificate)
    assert on_board(code) == "(200, b'{}') True\n"


def test_held_too_long_on_a_board(serve: Serve, on_board: OnBoard) -> None:
    """MicroPython gives up too. LP-09, CL-04."""
    printed = on_board(f"""
from device_client.run import fetch
for idle in (list, None):
    try:
        fetch("{serve(None, None).url}", plain_http=True, timeout=1, idle=idle, step_ms=0)
    except OSError:
        print("gave up")
""")
    assert printed == "gave up\ngave up\n"


def test_tls(certificate: Path, tls_port: int) -> None:
    """A certificate from the given file is good for its name. CL-09."""
    context = tls_context(str(certificate))
    assert fetch(f"https://localhost:{tls_port}", context=context) == (200, b"{}")


def test_wrong_name(certificate: Path, tls_port: int) -> None:
    """It is not good for another name. CL-09."""
    context = tls_context(str(certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(f"https://127.0.0.1:{tls_port}", context=context)


def test_unknown_authority(tls_port: int) -> None:
    """A certificate that nobody vouches for is refused. CL-09."""
    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(f"https://localhost:{tls_port}", context=tls_context())


@pytest.mark.parametrize(
    ("host", "printed"), [("localhost", "(200, b'{}')\n"), ("127.0.0.1", "refused\n")]
)
def test_tls_on_a_board(
    certificate: Path, tls_port: int, on_board: OnBoard, host: str, printed: str
) -> None:
    """MicroPython accepts the right name and refuses the wrong one. CL-09."""
    code = f"""
from device_client.run import fetch
from device_client.trust import tls_context
try:
    print(fetch("https://{host}:{tls_port}", context=tls_context("{certificate}")))
except (OSError, ValueError):
    print("refused")
"""
    assert on_board(code) == printed
