"""python -m device_client: sign in on a computer as a device would. CPython only.

Exit status:

    0    signed in
    2    cannot begin
    3    denied
    4    the code expired
    5    refused by the server
    6    no answer from the server
    7    nobody can enter the return code
    130  interrupted
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import console
from .console_fetch import ConsoleFetch, may_ask, proxy_hint
from .console_tokens import NoPlace, default_path, forget, unusable
from .discovery import AnotherIssuer
from .flow import DENIED, EXPIRED, FAILED, SIGNED_IN, UNREACHABLE
from .session import Session
from .show_json import JsonDisplay
from .show_text import printable
from .terminal.keyboard import WithKeyboard
from .terminal.look import write_line
from .terminal.show_fullscreen import open_fullscreen
from .terminal.show_terminal import open_display

EXIT = {SIGNED_IN: 0, DENIED: 3, EXPIRED: 4, FAILED: 5, UNREACHABLE: 6}
CANNOT_BEGIN, NO_ANSWER, NO_INPUT, INTERRUPTED = 2, 6, 7, 130
EVENTS = {CANNOT_BEGIN: "cannot_begin", NO_ANSWER: "unreachable", NO_INPUT: "no_input"}

# What to do about an error code (RFC 6749 section 5.2, RFC 8628 section 3.1).
AFTER_REFUSAL = {
    "invalid_client": "The server does not know --client-id {client_id}: register it there"
    " (Pairlight: pairlight client add).",
    "unauthorized_client": "The server knows --client-id {client_id}, but not as a device's:"
    " register one for the device grant (Pairlight: pairlight client add).",
    "invalid_scope": "The server does not give this client --scope {scope}: try another --scope.",
}


class Stop(Exception):
    """Ends the command: exit status, what is wrong, what to do about it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = _options(arguments)
    tell = JsonDisplay(_line).tell if options.json else None
    try:
        return _run(options, tell)
    except Stop as stop:
        status, problem, hint = stop.args
        write_line(f"device_client: {printable(problem)}\n  {printable(hint)}", sys.stderr)
        if tell:
            tell(EVENTS[status], problem=problem)
        return int(status)
    except KeyboardInterrupt:
        if tell:
            tell("interrupted")
        return INTERRUPTED


def _run(options: argparse.Namespace, tell: Callable[..., None] | None) -> int:
    path = options.token_file or default_path(options.issuer, options.client_id)
    try:
        if options.forget:
            forget(path)
            tell("forgotten") if tell else _line("The tokens are forgotten.")
            return 0
        session, status = _signed_in(options, path)
    except EOFError as problem:
        hint = "Start it in a terminal, or write the number to its standard input."
        raise Stop(NO_INPUT, str(problem), hint) from None
    except OSError as problem:
        raise Stop(CANNOT_BEGIN, f"token file: {problem}", "Name another --token-file.") from None
    if session.access_token and options.call:
        _call(options.call, session, tell)
    return status


def _signed_in(options: argparse.Namespace, path: Path) -> tuple[Session, int]:
    if problem := unusable(path, options.issuer, options.client_id, options.scope):
        write_line(f"{path} {problem}: signing in again.", sys.stderr)
    display = _display(options)
    try:
        session = _session(options, path, display)
        return session, _sign_in(options, session, display)
    finally:
        display.close()


def _display(options: argparse.Namespace) -> WithKeyboard:
    if options.json:
        return WithKeyboard(JsonDisplay(_line), sys.stdin)
    screen = open_fullscreen if options.fullscreen else open_display
    return screen(sys.stdout, keys=sys.stdin)


def _sign_in(options: argparse.Namespace, session: Session, display: Any) -> int:
    kept = session.runner.token_file.load().get("access_token")
    flow = session.sign_in()
    name = console.name(session, fresh=session.access_token != kept)
    if flow.state == SIGNED_IN and not session.access_token:  # what was kept is worth nothing
        flow = session.sign_in()
        name = console.name(session, fresh=True)
    display.finish(flow, name)
    session.runner.display = console.Asking(display)
    if flow.error in AFTER_REFUSAL:
        hint = AFTER_REFUSAL[flow.error].format(**vars(options))
        write_line(f"  {printable(hint)}", sys.stderr)
    return EXIT[flow.state]


def _session(options: argparse.Namespace, path: Path, display: Any) -> Session:
    issuer = options.issuer
    try:
        fetch = ConsoleFetch(issuer, options.ca_file, options.allow_plain_http)
    except (OSError, ValueError) as problem:
        file = options.ca_file or "certificate authorities"
        raise Stop(CANNOT_BEGIN, f"{file}: {problem}", "--ca-file takes a PEM file") from None
    try:
        return console.open_session(issuer, options.client_id, options.scope, path, fetch, display)
    except NoPlace:
        raise
    except OSError as problem:
        hint = proxy_hint(issuer) or "Is the network up, and the server?"
        hint += " A private certificate authority needs --ca-file."
        raise Stop(NO_ANSWER, f"{issuer} cannot be reached: {problem}", hint) from None
    except AnotherIssuer as problem:
        hint = f"If that is the server you mean, start again with --issuer {problem.issuer}"
        raise Stop(CANNOT_BEGIN, str(problem), hint) from None
    except ValueError as problem:
        hint = "--issuer is the server's https URL exactly as it writes it itself."
        raise Stop(CANNOT_BEGIN, str(problem), hint) from None


def _call(url: str, session: Session, tell: Callable[..., None] | None) -> None:
    try:
        status, body = session.call(url)
    except (OSError, ValueError) as problem:
        raise Stop(NO_ANSWER, f"{url}: {problem}", "The sign-in itself is done.") from None
    text = body.decode("utf-8", "replace")
    if tell:
        tell("called", url=url, status=status, body=text)
    else:
        for line in (f"GET {url}: {status}", *text.splitlines()):
            _line(printable(line))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="device_client", description="Sign in as a device without a keyboard would (RFC 8628)."
    )
    add = parser.add_argument
    add("--issuer", required=True, metavar="URL", help="the authorization server")
    add("--client-id", required=True, metavar="ID", help="as the server knows this client")
    add("--scope", default="profile", help="what to ask for (default: %(default)s)")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--fullscreen", action="store_true", help="fill the terminal: for a TV across the room"
    )
    shown.add_argument(
        "--json", action="store_true", help="print one JSON object per event: for scripts"
    )
    add("--token-file", type=Path, metavar="PATH", help="where the tokens are kept")
    add("--ca-file", metavar="FILE", help="authorities to trust instead of the system's, PEM")
    add("--call", metavar="URL", help="then GET this URL with the token and print the answer")
    add(
        "--allow-plain-http", action="store_true", help="accept http to another machine: for trials"
    )
    add("--forget", action="store_true", help="delete the kept tokens, and nothing else")
    options = parser.parse_args(arguments)
    _check(parser, options)
    return options


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    ways_out = {"issuer": "see --allow-plain-http", "call": "plain http is for the issuer alone"}
    for name, way_out in ways_out.items():
        url = getattr(options, name)
        if url is None:
            continue
        if "://" not in url:
            parser.error(f"--{name} needs https:// in front: {url}")
        try:
            # A token goes over https, stays on this machine, or goes to an issuer so allowed.
            may_ask(url, options.issuer if options.allow_plain_http else "")
        except ValueError as problem:
            in_vain = not url.startswith("http://") or "[" in url
            parser.error(f"--{name}: {problem}" + ("" if in_vain else f"; {way_out}"))


def _line(text: str) -> None:
    try:
        write_line(text, sys.stdout)
    except BrokenPipeError:  # nobody listens any more; the sign-in goes on, and the status tells
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
