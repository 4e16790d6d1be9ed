"""The drivers of the screens, on a real MicroPython: screen_scenarios.py holds the facts."""

from tests.device_client.conftest import ROOT, OnBoard

FOLDER = "tests/device_client/boards"
RUN = f"""
import sys
sys.path.append("{ROOT}/{FOLDER}")
import screen_scenarios
for name in sorted(dir(screen_scenarios)):
    if name.startswith("test_"):
        getattr(screen_scenarios, name)()
        print(name)
"""


def test_screens(on_board: OnBoard) -> None:
    """Every scenario holds with MicroPython's own framebuf, which CPython lacks. CL-06."""
    source = (ROOT / FOLDER / "screen_scenarios.py").read_text()
    named = [line[4:].partition("(")[0] for line in source.splitlines() if line[:9] == "def test_"]
    assert on_board(RUN, heap="2m").split() == sorted(named)
