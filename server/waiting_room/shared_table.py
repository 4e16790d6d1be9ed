"""A table of fixed size in memory, shared by the processes of one host when it has a file.

Every device code has a slot, found by its digest: whose pace it keeps, and the stamp of the last
wake-up there. Two devices may meet in one slot; the later one then forgets the earlier one. No
content can do harm, so no process locks anything: a pace half written, or written by anything
else, fails its checksum and is forgotten.

For example, a device whose digest has the number 2**18 + 7 in bytes 8 to 16 has slot 7 of 2**18.
A wake-up leaves a stamp there, half from its digest and half drawn afresh, in the slot's last 8
bytes: the table's word 35, which is the device's spot. A held poll remembers the stamp it found
there as its mark. When the word is not its mark any more, and is this device's stamp, it is woken.
"""

import mmap
import os
import stat
import struct
import zlib
from pathlib import Path

from server.core.polling import Pace

SLOTS = 1 << 18
_PACE = struct.Struct("<8sdI")  # whose, last poll in good time, interval
_CHECKED = struct.Struct("<8sdII")  # and a checksum of these
_WORD_SIZE = 8  # of a stamp
_SLOT_SIZE = _CHECKED.size + _WORD_SIZE
_HEAD_SIZE = _SLOT_SIZE  # its first word changes with every stamp in any slot


class SharedTable:
    """The slots, in a file or, without one, for this process alone. Raises OSError."""

    def __init__(self, path: Path | None = None, slots: int = SLOTS) -> None:
        self._slots = slots
        size = _HEAD_SIZE + slots * _SLOT_SIZE
        self._memory = _map_file(path, size) if path else mmap.mmap(-1, size)
        self.words = memoryview(self._memory).cast("Q")  # stamps, at their spots

    def __len__(self) -> int:
        return len(self._memory)

    def pace(self, device_code_digest: bytes) -> Pace | None:
        """Return the pace of this device, unless it was forgotten."""
        offset = self._offset(device_code_digest)
        packed = self._memory[offset : offset + _CHECKED.size]
        whose, polled_at, interval, checksum = _CHECKED.unpack(packed)
        if whose != device_code_digest[:8] or checksum != zlib.crc32(packed[: _PACE.size]):
            return None
        return Pace(interval, polled_at)

    def keep(self, device_code_digest: bytes, pace: Pace) -> None:
        """Keep the pace of this device."""
        offset = self._offset(device_code_digest)
        fields = device_code_digest[:8], pace.polled_at, pace.interval
        packed = _CHECKED.pack(*fields, zlib.crc32(_PACE.pack(*fields)))
        self._memory[offset : offset + _CHECKED.size] = packed

    def stamp(self, device_code_digest: bytes) -> int:
        """Leave a new stamp, for every process to see, and return it."""
        fresh = int.from_bytes(os.urandom(_WORD_SIZE))
        stamp = _tag(device_code_digest) << 32 | fresh & 0xFFFFFFFF
        self.words[self.spot(device_code_digest)] = stamp
        self.words[0] = fresh
        return stamp

    def spot(self, device_code_digest: bytes) -> int:
        """Return where among the words the stamps of this device go."""
        return (self._offset(device_code_digest) + _SLOT_SIZE) // _WORD_SIZE - 1

    def _offset(self, device_code_digest: bytes) -> int:
        slot = int.from_bytes(device_code_digest[8:16]) % self._slots
        return _HEAD_SIZE + slot * _SLOT_SIZE


def is_stamp_of(stamp: int, device_code_digest: bytes) -> bool:
    """Tell whether a stamp was left for this device, not for another in its slot."""
    return stamp >> 32 == _tag(device_code_digest)


def _tag(device_code_digest: bytes) -> int:
    return int.from_bytes(device_code_digest[16:20])


def _map_file(path: Path, size: int) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink != 1:
            raise PermissionError(f"{path} is not a file of our own")
        os.fchmod(descriptor, 0o600)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)  # a disk that is full says so now, not later
        elif found.st_size < size:
            os.ftruncate(descriptor, size)  # never to less: others may have it mapped
        return mmap.mmap(descriptor, size)
    finally:
        os.close(descriptor)
