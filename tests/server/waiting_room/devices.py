"""What the tests of the waiting room share: devices, and a time to start from."""

from hashlib import sha256

NOW = 1_800_000_000.0
INTERVAL = 5
LONG = 30  # seconds; nobody waits for so long unless a wake-up is lost


def device(number: int) -> bytes:
    """Return the digest of a device's code."""
    return sha256(number.to_bytes(8)).digest()
