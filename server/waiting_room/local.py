"""The waiting room of one host: a table of fixed size in memory, however many devices wait."""

import mmap
import struct

from server.core.polling import Pace, keep_pace

_SLOTS = 1 << 18
_SLOT = struct.Struct("<8sdII")  # whose, last poll in good time, interval, padding


class LocalWaitingRoom:
    """Keeps the pace of each device in a slot found by its device code's digest.

    Two devices may meet in one slot; then the later poll forgets the earlier one's pace, which
    lets that device poll early unnoticed once. Nothing is ever told to slow down by mistake.
    """

    def __init__(self, slots: int = _SLOTS) -> None:
        self._slots = slots
        self._table = mmap.mmap(-1, slots * _SLOT.size)  # untouched pages cost nothing

    def poll(self, device_code_digest: bytes, interval: int, now: float) -> int | None:
        """Note a poll; return None when it came in time, else the new interval to keep."""
        whose = device_code_digest[:8]
        offset = int.from_bytes(device_code_digest[8:16]) % self._slots * _SLOT.size
        occupant, polled_at, kept_interval, _ = _SLOT.unpack_from(self._table, offset)
        previous = Pace(kept_interval, polled_at) if occupant == whose else None
        pace, early = keep_pace(previous, interval, now)
        _SLOT.pack_into(self._table, offset, whose, pace.polled_at, pace.interval, 0)
        return pace.interval if early else None
