"""What runs on the device that has no keyboard: it signs in by RFC 8628 and stays signed in.

The protocol
    flow.py           what to send, what an answer means, how long to wait; no I/O
    renewal.py        the same for a refresh token
    return_code.py    the same for a device on which digits can be entered
The world
    transport.py      one HTTP request, bounded
    trust.py          whom to believe over TLS
    discovery.py      the authorization server's endpoints from its metadata
    token_file.py     tokens that survive a restart and a power cut
    run.py            the loop that joins the above; run_async.py is the same for asyncio
    session.py        signed in: calls an API, renews when it must
What people see
    show_text.py      plain lines: a serial console, a log
    show_framebuf.py  small displays: OLED, colour, e-paper; framebuf_page.py lays out and letters
    qr_rows.py        the QR symbol: the server's (qr_bits.py), or one that qr.py draws
On a board
    board.py          Wi-Fi, clock, sign-in, the API; boards/ has a program for each board
    button_digits.py  a return code by a board's one button
On a computer, CPython only
    __main__.py       python -m device_client: terminal/ draws, show_json.py tells scripts
    console.py        sign_in() for console apps (console_fetch.py, requests_transport.py)
    private_file.py  console_tokens.py   tokens on a computer with many users and processes
    desktop_sockets.py   CPython's sockets in the shape of MicroPython's, for transport.py
On a TV
    tv/               a web page in ES5

What boards need is one source for CPython and MicroPython: nothing there imports `typing`, and
annotations use built-in names only, because MicroPython parses them and throws them away. Nothing
here imports the server.
"""
