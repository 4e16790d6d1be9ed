"""The table that processes of one host share."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.polling import Pace
from server.waiting_room.shared_table import SharedTable, is_stamp_of
from tests.server.waiting_room.devices import NOW, device

PACE = Pace(5, NOW)
SLOTS = 16
SIZE = len(SharedTable(slots=SLOTS))


def test_what_one_keeps_another_finds(shared_file: Path) -> None:
    """Processes that share a file share every pace. TOK-05."""
    SharedTable(shared_file, SLOTS).keep(device(1), PACE)
    assert SharedTable(shared_file, SLOTS).pace(device(1)) == PACE


def test_nobody_else_may_read_it(shared_file: Path) -> None:
    """The file is its owner's alone, even if it was not before. RB-07."""
    shared_file.touch(0o666)
    SharedTable(shared_file, SLOTS)
    assert shared_file.stat().st_mode & 0o777 == 0o600


def test_its_size_is_fixed(shared_file: Path) -> None:
    """However many devices poll, the file stays as large as it was made. TOK-16."""
    table = SharedTable(shared_file, SLOTS)
    for number in range(1000):
        table.keep(device(number), PACE)
    assert shared_file.stat().st_size == SIZE


def test_all_may_create_it_at_once(shared_file: Path) -> None:
    """Workers that start together end up with the same file. STM-01."""
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(lambda _: SharedTable(shared_file, SLOTS), range(8)))
    tables[0].keep(device(1), PACE)
    assert {table.pace(device(1)) for table in tables} == {PACE}


@pytest.mark.parametrize("size", [1, SIZE - 1, SIZE, SIZE * 2])
def test_any_content_will_do(shared_file: Path, size: int) -> None:
    """A file of another size or with other content is taken into use, and nothing is read. LP-01.

    It never gets smaller: another process may have all of it mapped.
    """
    shared_file.write_bytes(b"\xa5" * size)
    table = SharedTable(shared_file, SLOTS)
    assert table.pace(device(1)) is None
    table.keep(device(1), PACE)
    assert (table.pace(device(1)), shared_file.stat().st_size) == (PACE, max(size, SIZE))


@given(position=st.integers(0, SIZE - 1), flipped=st.integers(1, 255))
def test_what_is_torn_is_forgotten(position: int, flipped: int) -> None:
    """A pace with a single wrong byte is not believed. TOK-05."""
    table = SharedTable(slots=SLOTS)
    table.keep(device(1), PACE)
    table._memory[position] ^= flipped
    assert table.pace(device(1)) in {PACE, None}


def _as_link(path: Path) -> None:
    path.with_suffix(".elsewhere").touch()
    path.symlink_to(path.with_suffix(".elsewhere"))


def _as_second_name(path: Path) -> None:
    path.with_suffix(".elsewhere").touch()
    path.hardlink_to(path.with_suffix(".elsewhere"))


@pytest.mark.parametrize("plant", [_as_link, _as_second_name, os.mkdir, os.mkfifo])
def test_what_others_planted_is_refused(shared_file: Path, plant: object) -> None:
    """No link is followed and nothing but a plain file is written to. RB-07."""
    assert callable(plant)
    plant(shared_file)
    with pytest.raises(OSError, match=shared_file.name):
        SharedTable(shared_file, SLOTS)


def test_the_file_of_another_is_refused(shared_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another user is not written to. RB-07."""
    shared_file.touch()
    monkeypatch.setattr(os, "geteuid", lambda: shared_file.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="not a file of our own"):
        SharedTable(shared_file, SLOTS)


def test_a_full_disk_is_told_at_once(shared_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Space is taken at the start; running out of it later would end the process. RB-07."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        SharedTable(shared_file, SLOTS)


def test_stamps_are_seen_by_all(shared_file: Path) -> None:
    """A stamp that one process leaves is seen by the others. LP-03."""
    ours, theirs = SharedTable(shared_file, SLOTS), SharedTable(shared_file, SLOTS)
    before = theirs.words[0]
    stamp = ours.stamp(device(1))
    assert theirs.words[theirs.spot(device(1))] == stamp
    assert theirs.words[0] != before


def test_stamps_tell_devices_apart() -> None:
    """A stamp tells which of two devices in one slot it was left for. LP-05."""
    stamp = SharedTable(slots=1).stamp(device(1))
    assert (is_stamp_of(stamp, device(1)), is_stamp_of(stamp, device(2))) == (True, False)


def test_stamps_leave_pace_alone() -> None:
    """A stamp does not touch the pace in the same slot. TOK-05."""
    table = SharedTable(slots=1)
    table.keep(device(1), PACE)
    table.stamp(device(1))
    assert table.pace(device(1)) == PACE
