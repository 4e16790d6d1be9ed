"""One HTTP request, bounded in size and in waiting time. One source for CPython and MicroPython.

A redirect is an answer like any other: following it could carry a token elsewhere.
"""

try:
    from .desktop_sockets import poll, socket
except ImportError:  # MicroPython, where sockets are streams
    import socket  # type: ignore[no-redef,assignment]
    from select import poll  # type: ignore[assignment]


def request(  # type: ignore[no-untyped-def]
    url: str,
    form: dict[str, str] | None = None,
    bearer: str = "",
    context: object = None,
    plain_http: bool = False,
    timeout: int = 10,
    wait: int = 0,
    step_ms: int = 200,
):
    """POST `form`, or GET without one; yields None until the answer begins, then status and body.

    The first None comes when the request is sent, one more every 200 ms: time for a watchdog or a
    display. Who must not be kept waiting passes a `step_ms` of 0 and lets those 200 ms pass
    elsewhere. `context`, needed for https, comes from `trust.tls_context`; without TLS
    takes `plain_http`. `timeout` is how many seconds each wait for the network may take; `wait`
    lets the server hold its answer back for so many seconds more (RFC 7240 section 4.3). The body
    is at most 64 KiB. OSError when the network fails, ValueError for a URL or an answer that is not
    acceptable.
    """
    secure, host, port, head = split(url, plain_http)
    if bearer:
        if min(bearer.encode()) <= 32:
            raise ValueError("bearer")
        head += "Authorization: Bearer %s\r\n" % bearer
    if wait:
        head += "Prefer: wait=%d\r\n" % wait
    if form is None:
        head = "GET%s\r\n" % head
    else:
        # Escaped once for its length alone, and once where it is sent from: never two copies.
        head = (
            "POST%sContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: %d\r\n\r\n" % (head, len(_escaped("", form)))
        )
    connection = socket.socket()
    try:
        connection.settimeout(timeout)
        connection.connect(socket.getaddrinfo(host, port)[0][4])
        if secure:
            connection = context.wrap_socket(connection, server_hostname=host)  # type: ignore[attr-defined]
        poller = poll()
        poller.register(connection, 1)
        # Put together last and kept nowhere: a board needs the memory for the answer.
        connection.write(_escaped(head, form or {}))
        head = ""
        for _ in range((timeout + wait) * 5):
            yield
            if poller.poll(step_ms):
                break
        yield _answer(connection)
    finally:
        connection.close()


def split(url: str, plain_http: bool) -> tuple[bool, str, int, str]:
    """Whether TLS is needed, host, port, and how the request begins after its method.

    ValueError unless the URL is https, or with `plain_http`, http.
    """
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    host, _, port = authority.partition(":")
    secure = scheme == "https"
    # A space or a line break would end the request line early. (Looked for in bytes, because a
    # board keeps each character of a string that is gone through.)
    if not (secure or (plain_http and scheme == "http")) or min(url.encode()) <= 32:
        raise ValueError("not an https URL: " + url)
    # GitHub refuses a request without User-Agent, and answers with a form unless JSON is asked for.
    head = (
        " /%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: pairlight\r\nAccept: application/json\r\n"
        "Connection: close\r\n" % (target, authority)
    )
    return secure, host, int(port or (443 if secure else 80)), head


def _escaped(start: str, form: dict[str, str]) -> bytearray:
    # Letters and digits alone stay as they are: more is escaped than must be, which is allowed.
    # Never a string for each character: a board would keep those for ever.
    message = bytearray(start, "utf-8")
    between = ""
    for name in form:  # noqa: PLC0206 - as pairs they take more code
        message += (between + name + "=").encode()
        between = "&"
        for byte in form[name].encode():
            if 48 <= byte <= 57 or 65 <= byte & 0xDF <= 90:
                message.append(byte)
            else:
                message += ("%%%02X" % byte).encode()
    return message


def _answer(stream) -> tuple[int, bytes]:  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
    # In pieces of 256 bytes, because a board sets aside what a read may need; so a header line may
    # come in several, and only its first says what it is.
    line = b""
    status = 0
    for _ in range(256):
        begins = 10 in line
        line = stream.readline(256).lower()
        if not status:
            status = int(line[9:12] or 0)
            length = -1  # until the connection ends
            chunked = False
        elif begins:
            if line.startswith(b"content-length:"):
                length = int(line[15:])
            elif line.startswith(b"transfer-encoding:"):
                chunked = True
            elif len(line) < 3:
                if status > 199:
                    break
                status = 0  # 1xx comes before the answer (RFC 9110 section 15.2)
    else:
        line = b""  # endless
    body = b""
    while line:
        if chunked:
            length = int(stream.readline(32).decode().split(";")[0], 16)
        size = 512 if length < 0 else length
        if size + len(body) > 65536:
            break
        part = stream.read(size)
        if len(part) < length:
            break
        if chunked:
            stream.readline(2)  # the line end after it
        body += part
        if not part or (length >= 0 and not chunked):
            return status, body
    raise OSError("bad answer")
