"""python -m device_client: sign in on a computer as a device would. CPython only.

Exit status:

    0    signed in
    2    cannot begin
    3    denied
    4    the code expired
    5    refused by the server
    6    no answer from the server
    130  interrupted
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from .discovery import AnotherIssuer, discover
from .flow import DENIED, EXPIRED, FAILED, SIGNED_IN, UNREACHABLE
from .run import Runner, parse
from .show_terminal import open_display
from .show_text import printable
from .token_file import TokenFile
from .transport import fetch, split
from .trust import tls_context

EXIT = {SIGNED_IN: 0, DENIED: 3, EXPIRED: 4, FAILED: 5, UNREACHABLE: 6}
CANNOT_BEGIN, NO_ANSWER, INTERRUPTED = 2, 6, 130

# What to do about an error code (RFC 6749 section 5.2, RFC 8628 section 3.1).
AFTER_REFUSAL = {
    "invalid_client": "The server does not know --client-id {client_id}: register it there"
    " (Pairlight: pairlight client add).",
    "unauthorized_client": "The server knows --client-id {client_id}, but not as a device's:"
    " register one for the device grant (Pairlight: pairlight client add).",
    "invalid_scope": "The server does not give this client --scope {scope}: try another --scope.",
}

Fetch = Callable[..., tuple[int, bytes]]


class Stop(Exception):
    """Ends the command: exit status, what is wrong, what to do about it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    try:
        return _run(_options(arguments))
    except Stop as stop:
        status, problem, hint = stop.args
        print(f"device_client: {printable(problem)}\n  {printable(hint)}", file=sys.stderr)
        return int(status)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    path = options.token_file or _default_path(options.issuer, options.client_id)
    token_file = TokenFile(str(path), options.issuer, options.client_id)
    if options.forget:
        token_file.forget()
        print("The tokens are forgotten.")
        return 0
    get = _fetcher(options)
    reach = partial(get, plain_http=options.allow_plain_http)
    metadata = _discover(options, reach)
    status, access_token = _sign_in(options, metadata, reach, token_file)
    if access_token and options.call:
        _call(options.call, reach if _is_issuers(options.call, options) else get, access_token)
    return status


def _sign_in(
    options: argparse.Namespace, metadata: dict[str, object], reach: Fetch, token_file: TokenFile
) -> tuple[int, str]:
    tokens = token_file.load()
    if token_file.problem:
        print(f"{token_file.path} {token_file.problem}: signing in again.", file=sys.stderr)
    if tokens and "refresh_token" not in tokens:
        name = _name(metadata, reach, tokens["access_token"])
        if name:
            print(f"Signed in as {printable(name)}.")
            return 0, tokens["access_token"]
    display = open_display(sys.stdout)
    try:
        runner = Runner(metadata, reach, token_file, display, _ticks_ms, _sleep_ms, os.urandom)
        Path(token_file.path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flow = runner.start(options.client_id, options.scope, tokens)
        access_token = str(flow.tokens["access_token"]) if flow.state == SIGNED_IN else ""
        display.finish(flow, _name(metadata, reach, access_token) if access_token else "")
        if flow.error in AFTER_REFUSAL:
            hint = AFTER_REFUSAL[flow.error].format(**vars(options))
            print(f"  {printable(hint)}", file=sys.stderr)
        return EXIT[flow.state], access_token
    except OSError as problem:
        raise Stop(
            CANNOT_BEGIN, f"tokens cannot be kept: {problem}", "name another --token-file"
        ) from None
    finally:
        display.close()


def _fetcher(options: argparse.Namespace) -> Fetch:
    try:
        context = tls_context(options.ca_file)
    except (OSError, ValueError) as problem:
        raise Stop(
            CANNOT_BEGIN, f"{options.ca_file}: {problem}", "--ca-file takes a PEM file"
        ) from None
    return partial(fetch, context=context)


def _discover(options: argparse.Namespace, reach: Fetch) -> dict[str, object]:
    try:
        return discover(options.issuer, reach, options.allow_plain_http)
    except OSError as problem:
        hint = "Is the network up, and the server? A private certificate authority needs --ca-file."
        raise Stop(NO_ANSWER, f"{options.issuer} cannot be reached: {problem}", hint) from None
    except AnotherIssuer as problem:
        hint = f"If that is the server you mean, start again with --issuer {problem.issuer}"
        raise Stop(CANNOT_BEGIN, str(problem), hint) from None
    except ValueError as problem:
        hint = "--issuer is the server's https URL exactly as it writes it itself."
        raise Stop(CANNOT_BEGIN, str(problem), hint) from None


def _name(metadata: dict[str, object], reach: Fetch, access_token: str) -> str:
    """Who the access token is for (OpenID Connect Core 5.3); empty when that is not told."""
    endpoint = metadata.get("userinfo_endpoint")
    if not isinstance(endpoint, str):
        return ""
    try:
        status, body = reach(endpoint, bearer=access_token)
    except (OSError, ValueError):
        return ""
    claims = parse(body) if status == 200 else None
    if not isinstance(claims, dict):
        return ""
    return str(claims.get("name") or claims.get("preferred_username") or claims.get("sub") or "")


def _is_issuers(url: str, options: argparse.Namespace) -> bool:
    """Whether `url` has the issuer's scheme, host and port."""
    return split(url, plain_http=True)[:3] == split(options.issuer, plain_http=True)[:3]


def _call(url: str, get: Fetch, access_token: str) -> None:
    try:
        status, body = get(url, bearer=access_token)
    except (OSError, ValueError) as problem:
        raise Stop(NO_ANSWER, f"{url}: {problem}", "The sign-in itself is done.") from None
    lines = body.decode("utf-8", "replace").splitlines()
    print(f"GET {url}: {status}", *map(printable, lines), sep="\n")


def _default_path(issuer: str, client_id: str) -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return (
        folder
        / "pairlight"
        / (sha256(f"{issuer}\n{client_id}".encode()).hexdigest()[:16] + ".json")
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="device_client", description="Sign in as a device without a keyboard would (RFC 8628)."
    )
    add = parser.add_argument
    add("--issuer", required=True, metavar="URL", help="the authorization server")
    add("--client-id", required=True, metavar="ID", help="as the server knows this client")
    add("--scope", default="profile", help="what to ask for (default: %(default)s)")
    add("--token-file", type=Path, metavar="PATH", help="where the tokens are kept")
    add(
        "--ca-file",
        metavar="FILE",
        help="certificate authority to trust instead of the system's, PEM",
    )
    add(
        "--call", metavar="URL", help="then GET this URL with the access token and print the answer"
    )
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
            plain_http = options.allow_plain_http and _is_issuers(url, options)
            split(url, plain_http)
        except ValueError as problem:
            parser.error(f"--{name}: {problem}" + f"; {way_out}" * url.startswith("http://"))


def _ticks_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _sleep_ms(duration: int) -> None:
    time.sleep(duration / 1000)


if __name__ == "__main__":
    sys.exit(main())
