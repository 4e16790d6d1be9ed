"""The report: Markdown, as docs/performance.md keeps it."""

import datetime
import os
import platform
import shlex
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.arithmetic import Sample, middle, ratio

_HEAD = ("", "requests/s", "CPU us/request", "p50 ms", "p99 ms", "rate to ours", "CPU to ours")


def environment(node: str) -> str:
    """Return what was measured where."""
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    packages = ", ".join(f"{name} {version(name)}" for name in ("granian", "flask", "sqlalchemy"))
    lines = [
        f"Machine: {_processor()}, {os.cpu_count()} cores, Linux {platform.release()}",
        f"Python: {platform.python_version()} at {os.path.realpath(sys.executable)}, {_build()}",
        f"Versions: {packages}, SQLite {sqlite3.sqlite_version}, {' '.join(wrk.split()[:2])}",
        f"Compared with: {node}",
        f"Date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        f"Command: make bench{_arguments()}",
    ]
    return "\n".join(f"- {line}" for line in lines)


def rows(first: str, samples: Mapping[str, Sequence[Sample]]) -> str:
    """Return the medians of all contenders, and their ratios to the first."""
    base = next(iter(samples.values()))
    return table(
        (first, *_HEAD[1:]),
        [
            (
                name,
                f"{(found := middle(rounds)).rate:,.0f}",
                f"{found.cpu:.0f}",
                f"{found.p50:.2f}",
                f"{found.p99:.2f}",
                f"{ratio(rounds, base, 'rate'):.2f}",
                f"{ratio(rounds, base, 'cpu'):.2f}",
            )
            for name, rounds in samples.items()
        ],
    )


def disturbance(samples: Iterable[Sequence[Sample]]) -> str:
    """Return how much others used of the machine meanwhile."""
    shares = [sample.foreign for rounds in samples for sample in rounds]
    return f"Others used {middle_share(shares):.0%} of the machine (worst round {max(shares):.0%})."


def middle_share(shares: Sequence[float]) -> float:
    """Return the median share."""
    return sorted(shares)[len(shares) // 2]


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are numbers."""
    rule = ("---", *["---:"] * (len(head) - 1))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *body))


def _build() -> str:
    """Return how this Python was built; distributions may optimize without saying so here."""
    optimized = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    flags = str(sysconfig.get_config_var("OPT")).strip()
    return f"configured {'with' if optimized else 'without'} --enable-optimizations, {flags}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _arguments() -> str:
    return f" ARGS={shlex.quote(shlex.join(sys.argv[1:]))}" if sys.argv[1:] else ""
