"""What the page on the device flow shows of the wire is what happens."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.app import build
from server.config import make
from server.qr import make_symbol
from tests.fakes import FakeClock
from tests.server.stage import Stage
from tests.transcripts import DOCS, Shell, compare, steps


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Give a shell at a server with the page's clients, which tells when a poll is held."""
    clock = FakeClock()
    application = build(make(database=f"sqlite:///{tmp_path}/pairlight.db"), clock)
    stage = Stage(application, clock, "front door")
    stage.register("living-room-tv")
    stage.register("bedroom-tv", return_code=True)
    shell = Shell(stage)
    room = stage.server.ports.waiting_room
    take = room.place

    @contextmanager
    def place(*arguments: Any) -> Iterator[Any]:
        with take(*arguments) as taken:
            shell.held.set()
            yield taken

    monkeypatch.setattr(room, "place", place)
    yield shell
    shell.close()
    application.database.close()


def test_the_transcript_is_what_happens(shell: Shell) -> None:
    """Every line of the page can be typed, and is answered as the page says. RFC 8628 3."""
    shell.play("device_flow.md")


def test_the_transcript_has_every_answer() -> None:
    """The page shows each error that a poll ends or goes on with. RFC 8628 3.5."""
    shown = "".join(step.output for step in steps("device_flow.md"))
    for error in ("authorization_pending", "slow_down", "access_denied", "expired_token"):
        assert f'"error":"{error}"' in shown


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ('{"error":"x"} 400', '{"error":"y"} 400'),
        ('{"error":"x"} 400', '{"error":"x"} 401'),
        ('{"error":"x","a":1} 400', '{"error":"x"} 400'),
        ('A: b\n\n{"error":"x"}', 'A: c\n\n{"error":"x"}'),
        ('{"user_code":"AAAA"}', '{"user_code":"BCDF-GHJK"}'),
    ],
)
def test_a_difference_is_noticed(printed: str, shown: str) -> None:
    """An answer that is not the page's fails."""
    with pytest.raises(AssertionError):
        compare(printed, shown)


def test_the_symbol_is_what_is_drawn() -> None:
    """The bits in the page on wire extensions are those of the link beside them. ISO/IEC 18004."""
    page = (DOCS / "wire_extensions.md").read_text(encoding="utf-8")
    found = re.search(r'^{"verification_qr": (.*)}$', page, re.MULTILINE)
    assert found
    symbol = make_symbol("HTTPS://TV.EXAMPLE.COM/D/WDJBMJHT")
    bits = urlsafe_b64encode(symbol.rows).rstrip(b"=").decode()
    assert json.loads(found[1]) == {"size": symbol.size, "bits": bits}
