"""What runs on the device that has no keyboard: it signs in by RFC 8628 and stays signed in.

The protocol
    flow.py           what to send, what an answer means, how long to wait; no I/O
    renewal.py        the same for a refresh token
The world
    transport.py      one HTTP request, bounded
    trust.py          whom to believe over TLS
    discovery.py      the authorization server's endpoints from its metadata
    token_file.py     tokens that survive a restart and a power cut
    run.py            the loop that joins the above
What people see
    show_text.py      plain lines: a serial console, a log
    show_terminal.py  a terminal: QR code, code, countdown; big_letters.py draws the code
On a laptop
    __main__.py       python -m device_client

Everything but show_terminal.py, big_letters.py and __main__.py is one source for CPython and
MicroPython: nothing there imports `typing`, and annotations use built-in names only, because
MicroPython parses them and throws them away. Nothing here imports the server.
"""
