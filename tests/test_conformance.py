"""The conformance page has every requirement that a test cites, and a test or a reason for each."""

from collections import Counter
from pathlib import Path

from docs import conformance

PAGE = conformance.PAGE.read_text(encoding="utf-8")
ROWS = {row.id: row for row in conformance.rows(PAGE)}
CITED = conformance.citations()


def test_every_row_is_read() -> None:
    """No row of the page is malformed, and none occurs twice."""
    begun = [line for line in PAGE.splitlines() if conformance.ID.match(line.lstrip("| "))]
    assert len(ROWS) == len(begun) > 100


def test_every_cited_requirement_is_in_the_page() -> None:
    """An ID in a test's docstring has a row that says what it means."""
    assert not sorted(CITED.keys() - ROWS.keys())


def test_every_row_has_a_test_or_a_reason() -> None:
    """Each requirement is shown by a test, or the page says why not."""
    assert not [row.id for row in ROWS.values() if row.id not in CITED and "Reason" not in row.does]


def test_every_row_is_whole() -> None:
    """Each row says what we do in sentences, and where that comes from."""
    assert not [row.id for row in ROWS.values() if not (row.does.endswith(".") and row.source)]


def test_tests_are_found_by_what_they_cite(tmp_path: Path) -> None:
    """Only docstrings of tests count, each test once, by file."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/test_a.py").write_text(
        '"""TOK-01."""\n'
        'def test_a():\n    """One. TOK-02, CVE-2026-1234, TOK-02."""\n'
        'def test_b():\n    """Two. TOK-02, STM-01."""\n'
        'def helper():\n    """TOK-03."""\n'
        "def test_c():\n    pass  # TOK-04\n"
    )
    path = Path("deep/test_a.py")
    assert conformance.citations(tmp_path) == {"TOK-02": Counter({path: 2}), "STM-01": {path: 1}}


def test_only_the_last_column_is_written() -> None:
    """Words and source stay as they are; what was in the last column goes."""
    old = "# T\n\n| ID | x |\n| TOK-01 | We do. | RFC 8628 | old |\n| TOK-02 | Not. | ours |  |\n"
    assert conformance.with_tests(old, {"TOK-01": Counter({Path("a/test_b.py"): 2})}) == (
        "# T\n\n| ID | x |\n"
        "| TOK-01 | We do. | RFC 8628 | [a/test_b](../tests/a/test_b.py) 2 |\n"
        "| TOK-02 | Not. | ours | none |\n"
    )
