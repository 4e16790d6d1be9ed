"""Sign-ins that pass through several processes: workers of one host, and two nodes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.benchmarks.person import Device, Person
from tests.journeys.running_portal import free_port, running, serving
from tests.server.storage.running_postgresql import RunningPostgreSQL
from tests.server.waiting_room.running_redis import RunningRedis


@pytest.fixture(scope="module")
def nodes(
    postgresql: RunningPostgreSQL, redis_server: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Give the hosts of two nodes on one PostgreSQL and one Redis."""
    folder = tmp_path_factory.mktemp("nodes")
    redis = RunningRedis(redis_server, folder)
    try:
        with (
            postgresql.database() as name,
            running(
                folder,
                database=postgresql.url(name),
                waiting_room=redis.url,
                secret="a secret that both nodes are given",
                poll_interval="1",
            ) as first,
        ):
            other = {**first.environ, "PAIRLIGHT_PORT": str(free_port())}
            with serving(other, folder / "other.log"):
                ports = first.environ["PAIRLIGHT_PORT"], other["PAIRLIGHT_PORT"]
                yield f"localhost:{ports[0]}", f"localhost:{ports[1]}"
    finally:
        redis.kill()


def held_until_approved(device_host: str, person_host: str) -> bool:
    """Hold a poll at one host, approve at another; tell whether the poll brought the tokens."""
    with (
        closing(Device(device_host, wait=25)) as device,
        closing(Person(person_host)) as person,
        ThreadPoolExecutor(1) as pool,
    ):
        address = person.open(device.user_code)
        answer = pool.submit(device.poll)
        person.approve(address)
        return answer.result(20)


def test_a_sign_in_crosses_nodes(nodes: tuple[str, str]) -> None:
    """Started at one node, approved at the other, fetched at the first. STM-01."""
    one, other = nodes
    with closing(Device(one)) as device, closing(Person(other)) as person:
        person.approve(person.open(device.user_code))
        assert device.poll()


def test_a_held_poll_is_woken_from_the_other_node(nodes: tuple[str, str]) -> None:
    """The decision at one node releases the poll that the other one holds. LP-03."""
    one, other = nodes
    assert held_until_approved(one, other)
    assert held_until_approved(other, one)


def test_workers_of_a_host_share_a_sign_in(tmp_path: Path) -> None:
    """With three workers on SQLite a held poll ends by a decision in any of them. LP-03."""
    with running(tmp_path, workers="3", poll_interval="1") as portal:
        host = portal.issuer.removeprefix("http://")
        for _ in range(4):
            assert held_until_approved(host, host)
