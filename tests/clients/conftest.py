"""Clients that others wrote, as they come from their registries, against a running Pairlight."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import node
from tests.clients.issuer import CALLBACK, Issuer, Registered, running_issuer
from tests.clients.node import Scene
from tests.clients.person import Person


@pytest.fixture(scope="package")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """Give a server that asks for a poll each second; its authority is trusted meanwhile."""
    with (
        running_issuer(tmp_path_factory.mktemp("issuer")) as issuer,
        pytest.MonkeyPatch.context() as patch,
    ):
        for reader in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
            patch.setenv(reader, str(issuer.authority))
        yield issuer


@pytest.fixture(scope="package")
def person(issuer: Issuer) -> Iterator[Person]:
    """Give Ada, who is asked to sign in when she first comes."""
    person = Person(issuer.url)
    yield person
    person.close()


@pytest.fixture(scope="session")
def scenes() -> Path:
    """Give the folder with the scenes for Node; skip, or fail where Node is required."""
    node.node()
    return node.install()


@pytest.fixture
def play(scenes: Path, issuer: Issuer) -> Iterator[Callable[..., Scene]]:
    """Give a way to start a scene for a client; whatever still plays at the end is ended."""
    started: list[Scene] = []

    def start(library: str, scene: str, client: Registered, **more: Any) -> Scene:
        told = {"issuer": issuer.url, "callback": CALLBACK, **client._asdict(), **more}
        started.append(Scene(scenes, library, scene, told))
        return started[-1]

    yield start
    for one in started:
        one.close()
