"""The HTTP servers that can run Pairlight: granian, or gunicorn where granian has no build."""

# ruff: noqa: PLC0415 - only the server that was chosen is imported

import signal
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from server.config import Config

_STOPPING = {signal.SIGINT, signal.SIGTERM}
# A worker that has not stopped by itself after this long is killed.
_STOP_TIMEOUT = 5  # seconds
# argon2 and the disk let go of the interpreter: a page that waits must not hold up a poll.
_THREADS = 32
_CONNECTIONS = 1000  # beside held polls, and idle between requests


def _run_granian(config: "Config") -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    class StoppedOnce(Granian):  # type: ignore[misc,valid-type]
        def signal_handler_interrupt(self, *_: object, **__: object) -> None:
            # Granian's own, hit by a second signal while it answers the first, waits for itself.
            if not self.interrupt_signal:
                super().signal_handler_interrupt()

    server = StoppedOnce(
        "server.app:create_wsgi",
        factory=True,
        interface=Interfaces.WSGI,
        address=config.host,
        port=config.port,
        workers=config.workers,
        blocking_threads=config.held_polls + _THREADS,
        backpressure=config.held_polls + _THREADS,  # else no more than a thousand are let in
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_TIMEOUT,
        log_level=LogLevels.error,
    )
    server.main_loop_interrupt = _HearingEvent()
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    server.serve(target_loader=_load_in_worker)


class _HearingEvent(Event):
    """Lets signals to stop through while it is waited for, and at no other time.

    So they hit the thread that waits: one that hits another does not wake it, and threads started
    meanwhile inherit the block. And once we stop, more of them change nothing.
    """

    def wait(self, timeout: float | None = None) -> bool:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        try:
            return super().wait(timeout)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)


def _load_in_worker(*_: object, **__: object) -> "WSGIApplication":
    """Make the application in a worker of granian."""
    from server.app import create_wsgi

    _leave_ctrl_c_to_the_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until granian has its own for a worker
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    return create_wsgi()


def _run_gunicorn(config: "Config") -> None:
    from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]

    class Gunicorn(WSGIApplication):  # type: ignore[misc]
        def init(self, *_: object) -> None:
            self.app_uri = "server.app:create_wsgi()"
            host = f"[{config.host}]" if ":" in config.host else config.host
            self.cfg.set("bind", f"{host}:{config.port}")
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("workers", config.workers)
            self.cfg.set("threads", config.held_polls + _THREADS)
            self.cfg.set("worker_connections", 2 * config.held_polls + _CONNECTIONS)
            self.cfg.set("limit_request_line", 8190)  # the most: authorization requests are long
            self.cfg.set("graceful_timeout", _STOP_TIMEOUT)
            self.cfg.set("post_fork", lambda _arbiter, _worker: _leave_ctrl_c_to_the_parent())
            self.cfg.set("loglevel", "warning")
            if "control_socket_disable" in self.cfg.settings:  # since 25.1
                self.cfg.set("control_socket_disable", True)

        def load_config(self) -> None:
            self.init()  # our settings alone; the command line is not gunicorn's

    Gunicorn().run()


def _leave_ctrl_c_to_the_parent() -> None:
    """Let a worker be stopped by its parent alone.

    A terminal tells the workers too, and one that is told twice may wait for itself for ever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


_SERVERS: Mapping[str, Callable[["Config"], None]] = {
    "granian": _run_granian,
    "gunicorn": _run_gunicorn,
}
NAMES = tuple(_SERVERS)


def default() -> str:
    """Return the name of the fastest server that can run here."""
    return next(name for name in NAMES if find_spec(name))


def run(name: str, config: "Config") -> None:
    """Serve until told to stop."""
    _SERVERS[name](config)
