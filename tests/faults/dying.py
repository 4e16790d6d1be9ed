"""A process that runs the real application and is killed at a named point."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import psycopg

from server.core.records import Session
from tests.faults.driver import Driver, Look
from tests.faults.scene import Scene, enter


class Left(NamedTuple):
    """What outlives the process: what the device and the browser know."""

    device_code: str
    proof: dict[str, str]  # the verifier, where the device has one
    reference: str
    session: Session
    refresh_token: str = ""


def die(*_: object, **__: object) -> None:
    """End this process as a power cut would: nothing after this line happens."""
    os.kill(os.getpid(), signal.SIGKILL)


def run(url: str, point: str, left: Left) -> None:
    """Start the application, and go as far as that point."""
    scene = enter(url)
    act, arm = POINTS[point]
    arm(scene)
    act(scene, left)


# What the process is doing.


def _approve(scene: Scene, left: Left) -> None:
    scene.server.approve(left.reference, left.session)


def _redeem(scene: Scene, left: Left) -> None:
    scene.poll(left.device_code, **left.proof)


def _refresh(scene: Scene, left: Left) -> None:
    scene.refresh(left.refresh_token)


# Where it is killed.


def _watch(scene: Scene, look: Look) -> None:
    """Let somebody look at every statement of either driver before it runs."""
    driver = Driver()
    driver.look = look
    scene.application.database.close()  # the next connections are watched
    sqlite3.connect = driver.connect  # type: ignore[assignment]
    real = psycopg.Cursor.execute

    def execute(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        look(str(query))
        return real(cursor, query, *arguments, **options)

    psycopg.Cursor.execute = execute  # type: ignore[assignment]


def _before(statement: str) -> Callable[[Scene], None]:
    def arm(scene: Scene) -> None:
        _watch(scene, lambda text: die() if text.startswith(statement) else None)

    return arm


def _after(role: str, verb: str) -> Callable[[Scene], None]:
    def arm(scene: Scene) -> None:
        player = getattr(scene.server.ports, role)
        real = getattr(player, verb)

        def then_die(*arguments: Any) -> None:
            real(*arguments)
            die()

        setattr(player, verb, then_die)

    return arm


def _before_the_answer(scene: Scene) -> None:
    """Die when the answer is ready and nothing of it has left."""
    real = scene.application.wsgi

    def deaf(environ: dict[str, Any], _: object) -> Iterable[bytes]:
        return real(environ, die)  # type: ignore[arg-type]

    scene.http.application = deaf


_SWAP = "UPDATE device_authorizations"

POINTS: dict[str, tuple[Callable[[Scene, Left], None], Callable[[Scene], None]]] = {
    "before the swap of approve": (_approve, _before(_SWAP)),
    "after the swap of approve": (_approve, _after("device_authorizations", "swap")),
    "before the swap of redeem": (_redeem, _before(_SWAP)),
    "inside the transaction of redeem": (_redeem, _before("INSERT INTO refresh_tokens")),
    "after the commit of redeem": (_redeem, _after("device_authorizations", "redeem")),
    "before the answer to redeem": (_redeem, _before_the_answer),
    "before the swap of refresh": (_refresh, _before("UPDATE grants")),
    "inside the transaction of refresh": (_refresh, _before("INSERT INTO refresh_tokens")),
    "before the commit of refresh": (_refresh, _before("COMMIT")),
    "after the commit of refresh": (_refresh, _after("grants", "rotate")),
    "before the answer to refresh": (_refresh, _before_the_answer),
}
