"""A network that a file's tests share."""

from collections.abc import Iterator

import pytest

from tests.device_client.faults.network import Network, open_network


@pytest.fixture(scope="module")
def running_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Serve until the tests of a file are through."""
    with open_network(tmp_path_factory.mktemp("faults")) as network:
        yield network


@pytest.fixture
def network(running_network: Network) -> Network:
    """Give a network in which nothing has happened yet."""
    running_network.begin()
    return running_network
