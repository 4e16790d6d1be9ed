"""How times and strangers' texts are put into words. Jinja knows these as filters."""

import unicodedata
from datetime import UTC, datetime

_LONGEST = 80  # characters of a text that a stranger wrote

# Control characters, invisible ones and those that turn the direction of writing; line separators;
# private and unpaired ones; and marks that pile up on a letter.
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Me", "Mn"})


def untrusted(text: str) -> str:
    """Return what can be shown of a text that anyone may have written. Escaping comes on top."""
    shown = (" " if letter.isspace() else letter for letter in text)
    kept = "".join(letter for letter in shown if unicodedata.category(letter) not in _DROPPED)
    line = " ".join(kept.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def ago(seconds: float) -> str:
    """Say how long ago something was: `2 minutes ago`."""
    if seconds < 60:
        return "less than a minute ago"
    return f"{duration(seconds)} ago"


def duration(seconds: float) -> str:
    """Say a length of time in its largest fitting unit, rounded down: `2 minutes`."""
    for unit, length in (("year", 31536000), ("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def utc(time: float) -> str:
    """Write a time for people anywhere: `7 Sep 2026, 14:03 UTC`."""
    moment = datetime.fromtimestamp(time, UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


FILTERS = {filter_.__name__: filter_ for filter_ in (untrusted, ago, duration, utc)}
