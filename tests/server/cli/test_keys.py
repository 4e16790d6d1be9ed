"""`pairlight keys`."""

import re

from tests.server.cli.conftest import Run

_LINE = re.compile(r"[\w-]{43}  (ES256|RS256)  +(new|\d+ \w+)  (signing|published|old)")
_HEADER = ["kid", "alg", "age", "state"]
_ALGORITHMS = ("ES256", "RS256")


def test_keys_are_listed(run: Run) -> None:
    """Below a header each key is named with algorithm, age and state, and no more. COD-05."""
    header, *lines = run("keys", "list").stdout.splitlines()
    assert header.split() == _HEADER
    assert header.index("state") == lines[0].index("signing")
    found = [_LINE.fullmatch(line) for line in lines]
    assert [one.group(1, 2, 3) for one in found if one] == [
        ("ES256", "new", "signing"),
        ("RS256", "new", "signing"),
    ]


def test_keys_are_rotated(run: Run) -> None:
    """New keys are named with the time from which they sign, and listed alike. RFC 7517 5."""
    result = run("keys", "rotate")
    told = [line.split() for line in result.stdout.splitlines()]
    assert [words[1:4] for words in told] == [[one, "signs", "from"] for one in _ALGORITHMS]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", words[4]) for words in told)
    _, *listed = [line.split() for line in run("keys", "list").stdout.splitlines()]
    assert [words[1:] for words in listed[:2]] == [[one, "new", "signing"] for one in _ALGORITHMS]
    assert listed[2:] == [
        [kid, algorithm, "new", "published,", *start] for kid, algorithm, *start in told
    ]
