"""For main.py on an ESP8266 without a display: the code is read on the serial console.

This chip CANNOT CHECK CERTIFICATES. Over https it takes any server for yours, so whoever is in your
network can read the tokens; many servers do not talk to its old TLS at all. Choose one of:

    "allow_plain_http": true            an http:// server in a network that is yours alone
    "accept_unverified_server": true    https:// without knowing who is there

Without one of them in config.json it does nothing. The button is the one called FLASH (GPIO 0).
"""

import network
import ntptime
import tls
from machine import Pin

from device_client.board import Board
from device_client.board_online import ConfigProblem
from device_client.show_text import TextDisplay
from device_client.token_file import TokenFile

BUTTON = 0

MORE = {"accept_unverified_server": ("true accepts that anyone may pose as the server", False)}


def use(status, body):  # type: ignore[no-untyped-def]
    """What the device is for: each answer of your API comes here. Make it yours."""
    print("The API answers %d with %d bytes." % (status, len(body)))


def unverified(config):  # type: ignore[no-untyped-def]
    """TLS with whoever answers, if the maker wants that in so many words."""
    if not config["accept_unverified_server"]:
        raise ConfigProblem(
            "This board cannot check who the server is, so anyone in your network could take the"
            ' tokens. If that is all right, set "accept_unverified_server": true in config.json'
        )
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_NONE  # type: ignore[attr-defined]
    return context


def open_tokens(issuer: str, client_id: str) -> TokenFile:
    """Tokens are kept in a file on the board."""
    return TokenFile("tokens.json", issuer, client_id)


def main(use=use) -> None:  # type: ignore[no-untyped-def]
    """Never ends, unless config.json is wrong."""
    button = Pin(BUTTON, Pin.IN, Pin.PULL_UP)
    Board(
        network=network,
        set_time=ntptime.settime,
        pressed=lambda: not button.value(),
        watchdog=lambda: bool,  # this chip's own cannot be turned off
        open_tokens=open_tokens,
        open_display=TextDisplay,
        use=use,
        tls=unverified,
        more=MORE,
    ).run()


if __name__ == "__main__":
    main()
