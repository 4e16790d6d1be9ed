"""What goes onto boards compiles for them, and the client needs nothing but Python."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.device_folder import compiler
from tests.device_client.conftest import ROOT

BOARD_SIDE = [
    "__init__", "flow", "renewal", "transport", "trust", "discovery", "token_file", "run",
    "run_async", "return_code", "button_digits", "session", "qr", "qr_bits", "qr_rows", "show_text",
    "show_framebuf", "framebuf_page",
]  # fmt: skip


def compiled(name: str, folder: Path) -> int:
    """Return the size of the module as boards get it."""
    output = folder / f"{name}.mpy"
    compiler()(ROOT / "device_client" / f"{name}.py", output)
    return output.stat().st_size


def test_no_dependencies() -> None:
    """The whole client can be imported where only Python itself is installed."""
    code = "import device_client.__main__"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", BOARD_SIDE)
def test_compiles(name: str, tmp_path: Path) -> None:
    """mpy-cross takes every board-side module. CL-16."""
    assert compiled(name, tmp_path)
