"""Many threads in several processes, each process with an application of its own, at once."""

import multiprocessing
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from tests.fakes import FakeClock
from tests.faults.scene import NOW, Scene, enter

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Barrier

# What one hand does: on its scene, by its number, with what the caller gave.
Act = Callable[..., Any]


class SharedClock(FakeClock):
    """One clock for all processes."""

    def __init__(self, value: "Synchronized[float]") -> None:
        super().__init__()
        self._value = value

    def __call__(self) -> float:
        return self._value.value

    def advance(self, seconds: float) -> None:
        """Let time pass for everybody."""
        with self._value.get_lock():
            self._value.value += seconds


class Crew:
    """Hands that wait for work; `clock` is theirs and the caller's."""

    def __init__(self, url: str, processes: int, threads: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pytest", __name__])
        self.url = url
        value = context.Value("d", NOW)
        self.clock = SharedClock(value)
        self.hands = processes * threads
        self._everyone = everyone = context.Barrier(processes, timeout=60)
        self._members: list[tuple[ForkServerProcess, Connection[Any, Any]]] = []
        for number in range(processes):
            ours, theirs = context.Pipe()
            first = number * threads
            process = context.Process(
                target=_work, args=(url, value, everyone, first, threads, theirs)
            )
            process.start()
            theirs.close()
            self._members.append((process, ours))

    def at_once(self, act: Act, *arguments: Any) -> list[Any]:
        """Let every hand do the same at the same moment; return what came of it."""
        for _, pipe in self._members:
            pipe.send((act, arguments))
        # All of them are heard before one fails the test: the next test's answers come after.
        answers = [pipe.recv() for _, pipe in self._members]
        failures = "\n".join(failure for _, failure in answers if failure)
        assert not failures, failures
        return [result for results, _ in answers for result in results]

    def close(self) -> None:
        """Send everybody home."""
        for process, pipe in self._members:
            pipe.close()
            process.join()
            process.close()


def _work(
    url: str,
    value: "Synchronized[float]",
    everyone: "Barrier",
    first: int,
    threads: int,
    pipe: "Connection[Any, Any]",
) -> None:
    scene = enter(url, SharedClock(value))
    with ThreadPoolExecutor(threads) as pool:
        while True:
            try:
                act, arguments = pipe.recv()
            except EOFError:
                break
            pipe.send(_together(scene, everyone, first, threads, pool, act, arguments))
    scene.close()


def _together(
    scene: Scene,
    everyone: "Barrier",
    first: int,
    threads: int,
    pool: ThreadPoolExecutor,
    act: Act,
    arguments: tuple[Any, ...],
) -> tuple[list[Any], str]:
    gate = threading.Barrier(threads, action=lambda: _wait_for(everyone))

    def one(number: int) -> Any:
        gate.wait()
        return act(scene, number, *arguments)

    futures = [pool.submit(one, number) for number in range(first, first + threads)]
    wait(futures)  # for who is late as well, when another has failed
    try:
        return [future.result() for future in futures], ""
    except Exception:
        return [], traceback.format_exc()


def _wait_for(everyone: "Barrier") -> None:
    everyone.wait()
