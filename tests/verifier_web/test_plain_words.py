"""Times and strangers' texts in words."""

import pytest

from verifier_web.plain_words import ago, duration, untrusted, utc


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cinema/4.2 (TV)", "Cinema/4.2 (TV)"),
        ("a\r\nb\tc", "a b c"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u2066bank\u2069", "bank"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("Z\u0351\u0350\u0346\u034aalgo\u0362", "Z\u0351\u0350algo\u0362"),
        ("\u0301\u0302TV", "TV"),
        ("TV \u0301\u093eset", "TV set"),
        ("T1\u0301\u20e3", "T1"),
        ("a\ufe0f\u034f\u0328", "a\u0328"),
        ("Vie\u0323\u0302t", "Việt"),
        ("ภาพที่บ้าน", "ภาพที่บ้าน"),
        ("घर की चीज़ों", "घर की ची\u091c\u093c\u094b\u0902"),
        ("line\u2028break", "line break"),
        ("\ud800", ""),
        ("Fernseher Küche", "Fernseher Küche"),
        ("テレビ", "テレビ"),
    ],
)
def test_untrusted(text: str, shown: str) -> None:
    """Nothing invisible, nothing that turns the line around. VER-04, HD-04"""
    assert untrusted(text) == shown


def test_untrusted_is_short() -> None:
    """A text that tells a story is cut off. VER-04"""
    assert untrusted("word " * 100).endswith("…")
    assert len(untrusted("x" * 1000)) == 80


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "less than a minute ago"),
        (0, "less than a minute ago"),
        (59.9, "less than a minute ago"),
        (60, "1 minute ago"),
        (150, "2 minutes ago"),
        (7200, "2 hours ago"),
    ],
)
def test_ago(seconds: float, words: str) -> None:
    """The age of a code is told in the words people use. VER-04"""
    assert ago(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3600, "1 hour"),
        (364 * 86400, "364 days"),
        (365 * 86400, "1 year"),
        (730 * 86400, "2 years"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    """A lifetime is told in its largest unit. VER-02"""
    assert duration(seconds) == words


def test_utc() -> None:
    """A time says its zone. VER-04"""
    assert utc(1_788_789_780) == "7 Sep 2026, 14:03 UTC"
