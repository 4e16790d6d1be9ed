"""How times and strangers' texts are put into words. Jinja knows these as filters."""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

_LONGEST = 80  # characters of a text that a stranger wrote

_MOST_MARKS = 2  # above or below one letter; names in some scripts need them, stacks hide others

# Control characters, invisible ones and those that turn the direction of writing; line separators;
# private and unpaired ones; and marks that enclose a letter.
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Me"})

# Marks that show nothing: joiners, variation selectors, vowels that are not written.
_INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0xFE00, 0xFE0F),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)


def untrusted(text: str) -> str:
    """Return what can be shown of a text that anyone may have written. Escaping comes on top."""
    composed = unicodedata.normalize("NFC", text)
    shown = (" " if letter.isspace() else letter for letter in composed)
    kept = (letter for letter in shown if unicodedata.category(letter) not in _DROPPED)
    line = " ".join("".join(_without_stacks(kept)).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _without_stacks(letters: Iterable[str]) -> Iterator[str]:
    """Leave out marks that stand alone, show nothing or pile up."""
    after_letter, marks = False, 0
    for letter in letters:
        kind = unicodedata.category(letter)
        if not kind.startswith("M"):
            after_letter, marks = kind.startswith("L"), 0
            yield letter
        elif after_letter and letter not in _INVISIBLE and marks < _MOST_MARKS:
            marks += kind == "Mn"  # the others, Mc, take room of their own beside the letter
            yield letter


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
