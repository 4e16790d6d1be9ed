"""When a signing key is published, signs and goes.

Keys overlap, so that nobody notices when one takes over from another. A new one is published first
and signs once every cache of the key set has seen it; the old one stays until all that it signed
has expired. Keys are in the order of their creation, which a clock that is set back keeps.
"""

from collections.abc import Sequence

from server.storage.signing_keys import SealedKey

PUBLISHED_FIRST = 600  # seconds before a new key signs; a key set may be cached for 300


def signing(keys: Sequence[SealedKey], algorithm: str, now: float) -> SealedKey:
    """Return the newest key that everybody has seen; the first one of all need not wait."""
    able = _of(keys, algorithm)
    seen = [key for key in able if takes_over_at(key) <= now]
    return seen[-1] if seen else able[0]


def takes_over_at(key: SealedKey) -> float:
    """Return when a successor begins to sign."""
    return key.created_at + PUBLISHED_FIRST


def is_due(keys: Sequence[SealedKey], algorithm: str, now: float, lifetime: int) -> bool:
    """Tell whether a new key is needed: there is none, or the newest has lived its time."""
    able = _of(keys, algorithm)
    return not able or now - able[-1].created_at >= lifetime


def born_at(keys: Sequence[SealedKey], algorithm: str, now: float) -> float:
    """Return when a new key counts as created: after all others, whatever the clock says."""
    able = _of(keys, algorithm)
    return max(now, able[-1].created_at + 1) if able else now


def outlived(keys: Sequence[SealedKey], now: float, kept_for: int) -> list[SealedKey]:
    """Return the keys whose successor has signed for so long that nothing of theirs is valid."""
    return [
        key
        for key in keys
        if any(
            key.created_at < other.created_at and takes_over_at(other) + kept_for <= now
            for other in _of(keys, key.algorithm)
        )
    ]


def state(key: SealedKey, keys: Sequence[SealedKey], now: float) -> str:
    """Return whether a key signs, is published and will sign, or is old."""
    at_work = signing(keys, key.algorithm, now)
    if key == at_work:
        return "signing"
    return "published" if key.created_at > at_work.created_at else "old"


def _of(keys: Sequence[SealedKey], algorithm: str) -> list[SealedKey]:
    return [key for key in keys if key.algorithm == algorithm]
