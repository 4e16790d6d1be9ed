"""One HTTP request, bounded in size and in waiting time. One source for CPython and MicroPython.

A redirect is an answer like any other: following it could carry a token elsewhere.
"""

import socket


def fetch(
    url: str,
    form: dict[str, str] | None = None,
    bearer: str = "",
    context: object = None,
    plain_http: bool = False,
    timeout: int = 10,
) -> tuple[int, bytes]:
    """POST `form`, or GET without one; HTTP status and body, at most 64 KiB.

    `context`, needed for https, comes from `trust.tls_context`. `timeout` is how many seconds each
    wait for the network may take. OSError when the network fails, ValueError for a URL or an answer
    that is not acceptable.
    """
    secure, host, port, authority, target = split(url, plain_http)
    if bearer and min(bearer) <= " ":
        raise ValueError("not a token")
    message = _message(authority, target, form, bearer)
    connection = _connect(host, port, timeout)
    try:
        if secure:
            wrap = context.wrap_socket  # type: ignore[attr-defined]
            connection = wrap(connection, server_hostname=host)
        if hasattr(connection, "readline"):  # MicroPython, where sockets are streams
            connection.write(message)  # type: ignore[attr-defined]
            return _read(connection)
        connection.sendall(message)
        return _read(connection.makefile("rb"))
    finally:
        connection.close()


def split(url: str, plain_http: bool = False) -> tuple[bool, str, int, str, str]:
    """Whether TLS is needed, host, port, authority and request target.

    ValueError unless the URL is https, or http to this very machine or with `plain_http`.
    """
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    host, _, port = authority.partition(":")
    secure = scheme == "https"
    allowed = secure or (scheme == "http" and (plain_http or host in ("localhost", "127.0.0.1")))
    # A space or a line break would end the request line early.
    if not allowed or not host or min(url) <= " ":
        raise ValueError("not an https URL: " + url)
    return secure, host, int(port or (443 if secure else 80)), authority, "/" + target


def _message(authority: str, target: str, form: dict[str, str] | None, bearer: str) -> bytes:
    # GitHub refuses a request without User-Agent, and answers with a form unless JSON is asked for.
    head = (
        " %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: pairlight\r\n"
        "Accept: application/json\r\nConnection: close\r\n" % (target, authority)
    )
    if bearer:
        head += "Authorization: Bearer %s\r\n" % bearer
    if form is None:
        return ("GET%s\r\n" % head).encode()
    body = "&".join([name + "=" + _escape(form[name]) for name in form])
    return (
        "POST%sContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: %d\r\n\r\n%s" % (head, len(body), body)
    ).encode()


def _escape(text: str) -> str:
    # More than must be, which is allowed: letters and digits alone stay.
    escaped = ""
    for byte in text.encode():
        plain = 48 <= byte <= 57 or 65 <= byte & 0xDF <= 90
        escaped += chr(byte) if plain else "%%%02X" % byte
    return escaped


def _connect(host: str, port: int, timeout: int) -> socket.socket:
    problem = OSError("no address")
    for address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        connection = socket.socket(*address[:3])
        try:
            connection.settimeout(timeout)
            connection.connect(address[4])
            return connection
        except OSError as error:
            connection.close()
            problem = error
    raise problem


def _read(stream) -> tuple[int, bytes]:  # type: ignore[no-untyped-def]
    # In pieces of 256 bytes, because a board sets aside what a read may need; so a header line may
    # come in several, and only its first says what it is.
    line = b"\n"
    status = -1
    length = -1
    chunked = False
    for _ in range(256):
        begins = line.endswith(b"\n")
        line = stream.readline(256).lower()
        if not line:
            raise OSError("answer cut short")
        name, _, value = line.partition(b":")
        if status < 0:
            status = int(line[9:12])
        elif line == b"\r\n" and begins:
            return status, _body(stream, length, chunked)
        elif name == b"content-length" and begins:
            length = int(value)
        elif name == b"transfer-encoding" and begins:
            chunked = True
    raise ValueError("endless header")


def _body(stream, length: int, chunked: bool) -> bytes:  # type: ignore[no-untyped-def]
    # Without a length the body ends with the connection.
    body = b""
    while True:
        if chunked:
            length = int(stream.readline(32).split(b";")[0], 16)
        size = 512 if length < 0 else length
        if size + len(body) > 65536:
            raise ValueError("answer too long")
        part = stream.read(size)
        body += part
        if len(part) < length:
            raise OSError("answer cut short")
        if chunked:
            stream.readline(2)
        if not part or (length >= 0 and not chunked):
            return body
