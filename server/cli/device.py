"""`pairlight device`: what a microcontroller needs, and what it has to spare."""

import os
import shlex
import shutil
import subprocess
import sys
import warnings
from getpass import GetPassWarning
from pathlib import Path

import click

import device_client
from server.cli import device_folder
from server.cli.device_checks import checked_servers
from server.config_checks import ConfigError

_BENCH = Path(device_client.__file__).parent / "board_bench.py"


@click.group()
def device() -> None:
    """Put the device's client on a microcontroller."""


@device.command()
@click.option(
    "--board",
    type=click.Choice(device_folder.boards()),
    required=True,
    help="The board and its display.",
)
@click.option("--issuer", required=True, help="The server's URL, exactly as it writes it itself.")
@click.option("--client-id", required=True, help="As `pairlight client add` made it.")
@click.option("--scope", default="profile", show_default=True, help="What to ask for.")
@click.option("--api-url", default="", help="What to call.  [default: who is signed in]")
@click.option("--wifi-name", default="", help="Your Wi-Fi; asks for its password.")
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The certificate authority (PEM) that the board trusts.  [default: the one among this"
    " computer's that the issuer's certificate comes from]",
)
@click.option(
    "--return-code",
    is_flag=True,
    help="Ask for the number that the phone shows, for clients added with --return-code.",
)
@click.option("--allow-plain-http", is_flag=True, help="Accept an http issuer: for trials.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to make.",
)
def pack(
    board: str,
    issuer: str,
    client_id: str,
    scope: str,
    api_url: str,
    wifi_name: str,
    ca_file: Path | None,
    return_code: bool,
    allow_plain_http: bool,
    output: Path,
) -> None:
    """Make a folder with all that a board needs, and say how to copy it.

    In it are main.py, config.json, the certificate of one authority, because boards bring none,
    and the client in MicroPython's own code (lib/), which needs half the memory of its source.
    """
    verifies = device_folder.UNVERIFIED not in device_folder.settings_of(board, {})
    ca = checked_servers(issuer, api_url, ca_file, plain_http=allow_plain_http, verifies=verifies)
    given = {
        "wifi_name": wifi_name,
        "wifi_password": _wifi_password(wifi_name) if wifi_name else "",
        "issuer": issuer,
        "client_id": client_id,
        "scope": scope,
        "return_code": return_code,
        "ca_file": "ca.pem" if ca else "",
        "allow_plain_http": allow_plain_http,
        "api_url": api_url,
    }
    settings = device_folder.settings_of(board, given)
    written = device_folder.write(output, board, settings, ca)
    blank = [name for name in ("wifi_name", "wifi_password") if not settings[name]]
    if blank:
        click.echo(f"Fill in {' and '.join(blank)} in {output / 'config.json'} first.")
    click.echo("Then, with the board on USB and MicroPython on it:" if blank else "Copy it with:")
    lib = shlex.quote(str(output / "lib"))
    modules = f"romfs deploy {lib}" if device_folder.is_small(board) else f"cp -r {lib} :"
    files = shlex.join(str(output / name) for name in written)
    click.echo(f"  mpremote {modules} + cp {files} : + reset")
    if not verifies and "https:" in (issuer[:6], api_url[:6]):
        click.echo(
            f"Warning: this board cannot check certificates: see {output / 'main.py'}.", err=True
        )


@device.command()
@click.option("--port", help="Where the board is, as `mpremote devs` says.  [default: the first]")
def bench(port: str | None) -> None:
    """Measure memory and time on a connected board that has the client on it."""
    program = shutil.which("mpremote", path=_path())
    if not program:
        raise ConfigError("mpremote is not here", "pip install 'pairlight[device]'")
    command = [program, *(["connect", port] if port else []), "run", str(_BENCH)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    if done.returncode or not rows:
        raise _bench_error(done.stdout + done.stderr)
    width = max(len(row[0]) for row in rows)
    for name, *values in rows:
        click.echo(f"{name:<{width}}  {'  '.join(values)}".rstrip())


def _bench_error(said: str) -> ConfigError:
    last = (said.strip().splitlines() or ["mpremote said nothing"])[-1]
    if "no module named 'device_client'" in last:
        return ConfigError(
            "the client is not on the board", "put it there: pairlight device pack --help"
        )
    if last.startswith("mpremote: "):
        return ConfigError(
            f"no board answers: {last[10:]}",
            "connect one by USB; `mpremote devs` lists what is there",
        )
    return ConfigError(f"the board gave up: {last}", "hardware_notes.md says what it must have")


def _path() -> str:
    """Return where programs are looked for: first beside this Python, as in its environment."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _wifi_password(wifi_name: str) -> str:
    """Ask without echo; nothing where there is no terminal, to be filled in later."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # what is typed would be seen
            password: str = click.prompt(
                f"Password of {wifi_name} (empty: fill it in later)",
                default="",
                hide_input=True,
                show_default=False,
            )
    except GetPassWarning:
        return ""
    return password
