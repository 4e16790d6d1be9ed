"""Tokens in the key-value store of an ESP32, apart from the files that a maker copies and deletes.

The store (NVS of ESP-IDF) keeps the old value until the new one is whole, so a power cut leaves one
of the two. No expiry is kept, for the reason that token_file.py has.
"""

import json

KEY = "tokens"
NOT_FOUND = -0x1102  # ESP_ERR_NVS_NOT_FOUND, as MicroPython raises it
LONGEST = 8192  # bytes; a board's store holds about 20,000, and for a while the old and the new


class NvsTokens:
    """The same as `TokenFile`, in `nvs`: an `esp32.NVS` for this program alone."""

    def __init__(self, nvs, issuer: str, client_id: str) -> None:  # type: ignore[no-untyped-def]
        self._nvs = nvs
        self._owner = [issuer, client_id]

    def load(self) -> dict[str, str]:
        """What `save` was given; empty when there is nothing, or nothing that can be used."""
        try:
            owner, kept = json.loads(self._read())
            if owner == self._owner and isinstance(kept, dict):
                return kept
        except (OSError, ValueError, TypeError, RuntimeError, MemoryError):
            pass  # RuntimeError: brackets by the thousand
        return {}

    def save(self, kept: dict[str, object]) -> None:
        """Put `kept` in place of what was there; an OSError leaves that."""
        blob = json.dumps([self._owner, kept]).encode()
        if len(blob) > LONGEST:
            raise OSError("tokens too long")
        self._nvs.set_blob(KEY, blob)
        self._nvs.commit()

    def _read(self) -> bytes:
        # The store does not say how long a blob is, only that a buffer is too short for it.
        size = 1024
        while True:
            buffer = bytearray(size)
            try:
                return bytes(buffer[: self._nvs.get_blob(KEY, buffer)])
            except OSError as error:
                size *= 2
                if error.args[0] == NOT_FOUND or size > LONGEST:
                    raise
