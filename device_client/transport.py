"""One HTTP request, bounded in size and in waiting time. One source for CPython and MicroPython.

A redirect is an answer like any other: following it could carry a token elsewhere.
"""

import socket

STEP_MS = 200  # a board feeds its watchdog, and a display counts, in between


def fetch(  # type: ignore[no-untyped-def]
    url: str,
    form: dict[str, str] | None = None,
    bearer: str = "",
    context: object = None,
    plain_http: bool = False,
    timeout: int = 10,
    wait: int = 0,
    idle=None,
) -> tuple[int, bytes]:
    """POST `form`, or GET without one; HTTP status and body, at most 64 KiB.

    `context`, needed for https, comes from `trust.tls_context`. `timeout` is how many seconds each
    wait for the network may take; `wait` lets the server hold its answer back for so many seconds
    more (RFC 7240 section 4.3). `idle()` is called when the request is sent and every 200 ms until
    the answer begins. OSError when the network fails, ValueError for a URL or an answer that is not
    acceptable.
    """
    secure, host, port, authority, target = split(url, plain_http)
    if bearer and min(bearer) <= " ":
        raise ValueError("not a token")
    message = _message(authority, target, form, bearer, wait)
    connection = plain = _connect(host, port, timeout)
    timeout += wait
    try:
        if secure:
            wrap = context.wrap_socket  # type: ignore[attr-defined]
            connection = wrap(plain, server_hostname=host)
        if hasattr(connection, "readline"):  # MicroPython, where sockets are streams
            connection.write(message)  # type: ignore[attr-defined]
            if idle:
                _await(plain, idle, timeout)
            plain.settimeout(timeout)
            return _read(connection)
        connection.sendall(message)
        if idle:
            _await(connection, idle, timeout)
        connection.settimeout(timeout)
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
    if host[:1] == "[":  # IPv6
        host, closed, port = (authority + ":")[1:].partition("]:")
        host, port = closed and host, port[:-1]
    secure = scheme == "https"
    here = host in ("localhost", "127.0.0.1", "::1")
    allowed = secure or (scheme == "http" and (plain_http or here))
    # A space or a line break would end the request line early.
    if not allowed or min(url) <= " ":
        raise ValueError("not an https URL: " + url)
    port = port or ("443" if secure else "80")
    strange = "@" in host or "?" in host or "#" in host
    if strange or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("not a host and port: " + authority)
    return secure, host, int(port), authority, "/" + target


def _message(
    authority: str, target: str, form: dict[str, str] | None, bearer: str, wait: int
) -> bytes:
    # GitHub refuses a request without User-Agent, and answers with a form unless JSON is asked for.
    head = (
        " %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: pairlight\r\n"
        "Accept: application/json\r\nConnection: close\r\n" % (target, authority)
    )
    if bearer:
        head += "Authorization: Bearer %s\r\n" % bearer
    if wait:
        head += "Prefer: wait=%d\r\n" % wait
    if form is None:
        return ("GET%s\r\n" % head).encode()
    body = ""
    for name in form:
        body += "&%s=%s" % (name, _escape(form[name]))
    body = body[1:]
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


def _await(connection: socket.socket, idle, timeout: int) -> None:  # type: ignore[no-untyped-def]
    # Return when the answer begins, or on a board when TLS 1.3 has something to say of its own: the
    # rest of the time then passes in a read, without `idle`.
    poller = None
    if hasattr(connection, "readline"):
        from select import poll

        poller = poll()
        poller.register(connection, 1)
    else:
        connection.settimeout(STEP_MS / 1000)
    left_ms = timeout * 1000
    while True:
        idle()
        if poller:
            if poller.poll(STEP_MS):
                return
        else:
            try:
                connection.recv(1)
                return
            except TimeoutError:
                pass
        left_ms -= STEP_MS
        if left_ms <= 0:
            raise OSError("no answer")


def _read(stream) -> tuple[int, bytes]:  # type: ignore[no-untyped-def]
    # In pieces of 256 bytes, because a board sets aside what a read may need; so a header line may
    # come in several, and only its first says what it is.
    line = b"\n"
    status = length = -1
    chunked = False
    for _ in range(256):
        begins = line.endswith(b"\n")
        line = stream.readline(256).lower()
        if not line:
            raise OSError("answer cut short")
        name, _, value = line.partition(b":")
        if status < 0:
            status = int(line.partition(b" ")[2][:3])
        elif line == b"\r\n" and begins:
            if status > 199:
                return status, _body(stream, length, chunked)
            status = -1  # 1xx comes before the answer (RFC 9110 section 15.2)
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
