"""The symbol of a sign-in, on this Python and on a real MicroPython: qr_rows_scenarios.py."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from device_client.qr_rows import qr_rows
from tests.device_client import qr_rows_scenarios, scenarios
from tests.device_client.conftest import ROOT, OnBoard
from tests.device_client.qr_rows_scenarios import BITS, LARGE, SIZE, flow

texts = some.text(some.characters(categories=["L", "N", "P", "S", "Z", "C"]))  # surrogates as well
values = some.none() | some.booleans() | some.integers() | some.floats() | texts
sizes = some.just(SIZE) | values
bits = some.just(BITS) | some.text(alphabet="AZaz09-_=", min_size=134, max_size=134) | values
symbols = values | some.lists(values) | some.fixed_dictionaries({"size": sizes, "bits": bits})


@pytest.mark.parametrize("scenario", scenarios.of(qr_rows_scenarios))
def test_rows(scenario: scenarios.Scenario) -> None:
    """Each scenario holds on CPython."""
    scenario()


def test_rows_on_a_board(on_board: OnBoard) -> None:
    """Every scenario holds on MicroPython too. CL-16."""
    printed = on_board(scenarios.on_board(qr_rows_scenarios))
    assert printed.endswith(scenarios.all_held(qr_rows_scenarios))


@given(symbols, texts, some.integers(-1, 200))
def test_hostile_server(symbol: object, url: str, at_most: int) -> None:
    """Whatever a server sends, there are rows of a square that fits, or none. CL-08, CL-16."""
    rows = qr_rows(flow(symbol, verification_uri_complete=url), at_most)
    assert len(rows) <= max(0, at_most)
    assert all(0 <= row < 1 << len(rows) for row in rows)


def test_without_encoder(on_board: OnBoard, tmp_path: Path) -> None:
    """A board that has no room for qr.py shows text, or what the server drew. CL-06."""
    package = tmp_path / "device_client"
    shutil.copytree(ROOT / "device_client", package, ignore=shutil.ignore_patterns("qr.py"))
    code = f"""
import sys
sys.path[0] = {str(tmp_path)!r}
from device_client.qr_rows import qr_rows
class Flow:
    verification_uri_complete = "https://tv.example.com/D/WDJBMJHT"
    verification_qr = None
print(qr_rows(Flow, 57))
Flow.verification_qr = {{"size": {SIZE}, "bits": {BITS!r}}}
print(len(qr_rows(Flow, 57)))
"""
    assert on_board(code) == f"[]\n{SIZE}\n"


def test_too_little_memory(on_board: OnBoard) -> None:
    """A board without memory for a symbol shows text. CL-06, CL-16."""
    code = """
import gc
from device_client.qr_rows import qr_rows
class Flow:
    verification_uri_complete = "https://tv.example.com/D/WDJBMJHT"
    verification_qr = None
gc.collect()
taken = []
while gc.mem_free() > 4000:
    taken.append(bytearray(500))
print(qr_rows(Flow, 57))
"""
    assert on_board(code, heap="64k") == "[]\n"


def test_larger_than_asked_for() -> None:
    """No screen has room for a symbol beyond version 40, so none is unpacked. CL-16."""
    size = 181
    symbol = {"size": size, "bits": "A" * ((4 * 23 * size + 2) // 3)}
    assert len(qr_rows(flow(symbol), LARGE * 10)) == SIZE
