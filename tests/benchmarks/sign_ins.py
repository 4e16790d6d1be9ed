"""From the press on Approve to the tokens in the device's hands, held polls and plain ones."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.arithmetic import percentile
from tests.benchmarks.contenders import ours
from tests.benchmarks.held_sign_in import moments_of
from tests.benchmarks.person import Device, Person
from tests.benchmarks.rounds import Piece, Plan

_EACH = 20  # sign-ins in a round
_WAIT = 25  # seconds that a poll may be held
_SETTLED = 0.1  # seconds after which a poll is surely held


def run(directory: Path, plan: Plan) -> Iterator[Piece]:
    """Yield pieces of the report, and figures for the gates."""
    with ours(directory / "ours", "Pairlight") as portal:
        host = portal.server.url.removeprefix("http://")
        person = Person(host)
        held = [_held(host, person) for _ in range(_EACH * plan.rounds)]
        plain = _plain(host, person, 2 * _EACH)
    yield "## From the press on Approve to the tokens"
    head = ("polls", "sign-ins", "median ms", "p99 ms", "longest ms")
    yield report.table(
        head,
        [
            (
                name,
                str(len(delays)),
                f"{1000 * percentile(delays, 0.5):.0f}",
                f"{1000 * percentile(delays, 0.99):.0f}",
                f"{1000 * max(delays):.0f}",
            )
            for name, delays in (("held", held), ("every 5 s", plain))
        ],
    )
    held_at, plain_at = moments_of(60, _WAIT), moments_of(60, 0)
    yield (
        f"A sign-in whose person decides after 60 s takes {len(held_at)} requests with polls held "
        f"for {_WAIT} s (at second {', '.join(map(str, held_at))}), {len(plain_at)} with plain "
        "ones: by the steps of our own client, with a clock that is a number."
    )
    yield {
        "approval to token, held poll, median": 1000 * percentile(held, 0.5),
        "approval to token, held poll, p99": 1000 * percentile(held, 0.99),
        "requests of a sign-in of 60 s, held polls": len(held_at),
    }


def _held(host: str, person: Person) -> float:
    """Return the seconds it takes, with the device's poll held when the person presses."""
    device = Device(host, wait=_WAIT)
    page = person.open(device.user_code)
    heard: list[float] = []
    waiting = threading.Thread(target=_poll_until_signed_in, args=(device, heard))
    waiting.start()
    time.sleep(_SETTLED)
    pressed = time.monotonic()
    person.approve(page)
    waiting.join()
    return heard[0] - pressed


def _plain(host: str, person: Person, count: int) -> list[float]:
    """Return the same for devices that poll at their interval, all in one interval."""
    devices = [Device(host) for _ in range(count)]
    pages = [person.open(device.user_code) for device in devices]
    heard: list[list[float]] = [[] for _ in devices]
    threads = [
        threading.Thread(target=_poll_until_signed_in, args=pair)
        for pair in zip(devices, heard, strict=True)
    ]
    for thread in threads:  # all poll now, and then once in each interval
        thread.start()
    time.sleep(_SETTLED)
    pressed = []
    for page in pages:
        pressed.append(time.monotonic())
        person.approve(page)
        time.sleep(devices[0].interval / (count + 1))
    for thread in threads:
        thread.join()
    return [moments[0] - press for moments, press in zip(heard, pressed, strict=True)]


def _poll_until_signed_in(device: Device, heard: list[float]) -> None:
    while not device.poll():
        time.sleep(device.interval)
    heard.append(time.monotonic())
