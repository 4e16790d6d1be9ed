"""The HTTP servers that can run Pairlight: granian, or gunicorn where granian has no build."""

# ruff: noqa: PLC0415 - only the server that was chosen is imported

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.config import Config

# argon2 and the disk let go of the interpreter: a page that waits must not hold up a poll.
_THREADS = 32


def _run_granian(config: "Config") -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "server.app:create_wsgi",
        factory=True,
        interface=Interfaces.WSGI,
        address=config.host,
        port=config.port,
        blocking_threads=_THREADS,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()


def _run_gunicorn(config: "Config") -> None:
    from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]

    class Gunicorn(WSGIApplication):  # type: ignore[misc]
        def init(self, *_: object) -> None:
            self.app_uri = "server.app:create_wsgi()"
            host = f"[{config.host}]" if ":" in config.host else config.host
            self.cfg.set("bind", f"{host}:{config.port}")
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", _THREADS)
            self.cfg.set("loglevel", "warning")
            if "control_socket_disable" in self.cfg.settings:  # since 25.1
                self.cfg.set("control_socket_disable", True)

        def load_config(self) -> None:
            self.init()  # our settings alone; the command line is not gunicorn's

    Gunicorn().run()


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
