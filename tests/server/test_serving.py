"""Which HTTP server runs. That each one does is seen in `cli/test_serve.py`."""

from importlib.util import find_spec

import pytest

from server import serving
from server.config import Config, make


def test_the_fastest_is_the_default() -> None:
    """Where both are installed, granian serves. RB-03."""
    assert serving.default() == "granian"


def test_what_is_missing_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where granian has no build, gunicorn serves. RB-03."""
    monkeypatch.setattr(
        serving, "find_spec", lambda name: None if name == "granian" else find_spec(name)
    )
    assert serving.default() == "gunicorn"


@pytest.mark.parametrize("name", serving.NAMES)
def test_the_chosen_one_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name picks the server, and the configuration is handed on. RB-03."""
    config, handed = make(), list[Config]()
    monkeypatch.setattr(serving, "_SERVERS", {name: handed.append})
    serving.run(name, config)
    assert handed == [config]
