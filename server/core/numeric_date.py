"""Times in tokens that others wrote (RFC 7519 2, NumericDate)."""

from collections.abc import Mapping
from typing import Any


def numeric_date(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a claim in seconds since the epoch, or None when it is no such thing."""
    value = claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
