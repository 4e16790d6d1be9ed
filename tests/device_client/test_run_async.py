"""Both loops, on both Pythons: loop_scenarios.py holds the facts; and one beside other work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device_client.flow import SIGNED_IN
from tests.device_client import async_life, loop_scenarios, scenarios
from tests.device_client.conftest import OnBoard
from tests.device_client.faults.network import Network, open_network
from tests.device_client.faults.proxy import silence
from tests.device_client.pythons import PYTHONS, Call, caller

LOOPS = ["Runner", "AsyncRunner"]
# Where this port keeps asyncio.
FROZEN = "import sys\nsys.path.append('.frozen')\n"


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("scenario", scenarios.of(loop_scenarios))
def test_loop(scenario: scenarios.Scenario, loop: str) -> None:
    """Each scenario holds for each loop on CPython."""
    scenario(loop)


@pytest.mark.parametrize("loop", LOOPS)
def test_loop_on_a_board(on_board: OnBoard, loop: str) -> None:
    """Every scenario holds for each loop on MicroPython too. CL-01, CL-04."""
    printed = on_board(FROZEN + scenarios.on_board(loop_scenarios, loop))
    assert printed.endswith(scenarios.all_held(loop_scenarios))


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """Give a server that holds polls until somebody asks for the person, who approves."""
    with open_network(tmp_path) as network:
        network.begin()
        network.person = bool
        yield network


@pytest.fixture(params=PYTHONS)
def live(request: pytest.FixtureRequest) -> Call:
    """Live through one sign-in on each Python in turn."""
    return caller(request, async_life, "live")


def test_other_work(live: Call, network: Network, tmp_path: Path) -> None:
    """While a poll is held the rest of the program goes on, and lets it end. LP-09."""
    assert live(network.proxy.url, str(tmp_path / "tokens")) == [SIGNED_IN, 3]
    assert network.proxy.asked == ["device_authorization", "poll", "person"]


def test_connections_are_closed(network: Network, on_board: OnBoard) -> None:
    """No connection stays open, not even that of a task that was cancelled. CL-16."""
    network.proxy.faults["silence"] = [silence]
    code = f"import async_life\nprint(async_life.open_files({network.proxy.url!r}))"
    assert on_board(FROZEN + code) == "[0, 0]\n"
