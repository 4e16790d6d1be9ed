"""Runs another application on the HTTP server and with the settings of `pairlight serve`.

python -m tests.benchmarks.serve_other FACTORY, configured by PAIRLIGHT_* as ours is.
"""

import sys
from typing import Any
from unittest import mock

import granian

from server import serving
from server.config import load


def main(factory: str) -> None:
    """Serve what the factory in `applications` makes; all other options are those of ours."""

    class Other(granian.Granian):  # type: ignore[misc, valid-type]
        def __init__(self, _: str, **options: Any) -> None:
            options["factory"] = True
            super().__init__(f"tests.benchmarks.applications:{factory}", **options)

        def serve(self, **_: Any) -> None:
            super().serve()  # not with our own loader

    with mock.patch.object(granian, "Granian", Other):
        serving.run("granian", load())


if __name__ == "__main__":
    main(sys.argv[1])
