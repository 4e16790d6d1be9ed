"""Which tests show which requirement: fills the last column of conformance.md."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).with_suffix(".md")
TESTS = PAGE.parent.parent / "tests"
ID = re.compile(r"\b[A-Z]{2,3}-\d{2}\b")

_ROW = re.compile(r"\| (?P<id>[A-Z]{2,3}-\d{2}) \| (?P<does>.*) \| (?P<source>.*) \| [^|]* \|")


class Row(NamedTuple):
    """One requirement, as the page has it."""

    id: str
    does: str  # what we do, and after "Reason:" why it is less, other or not tested
    source: str


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of a page."""
    for line in text.splitlines():
        if found := _ROW.fullmatch(line):
            yield Row(**found.groupdict())


def with_tests(text: str, tests: Mapping[str, Counter[Path]]) -> str:
    """Return a page with the last column of each row written anew."""

    def written(line: str) -> str:
        found = _ROW.fullmatch(line)
        if not found:
            return line
        row = Row(**found.groupdict())
        return f"| {row.id} | {row.does} | {row.source} | {_links(tests.get(row.id, Counter()))} |"

    return "\n".join(map(written, text.split("\n")))


def citations(folder: Path = TESTS) -> dict[str, Counter[Path]]:
    """Return in which files how many tests cite each ID in their docstrings."""
    found: dict[str, Counter[Path]] = {}
    for path in sorted(folder.rglob("*.py")):
        for docstring in _docstrings(ast.parse(path.read_text(encoding="utf-8"))):
            for cited in set(ID.findall(docstring)):
                found.setdefault(cited, Counter())[path.relative_to(folder)] += 1
    return found


def _docstrings(module: ast.Module) -> Iterator[str]:
    """Yield the docstrings of all tests; scenarios are named like them."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield ast.get_docstring(node) or ""


def _links(files: Counter[Path]) -> str:
    """Write how many tests there are in which files; a file without a number has one."""
    return (
        ", ".join(
            f"[{path.with_suffix('').as_posix()}](../tests/{path.as_posix()})"
            + (f" {count}" if count > 1 else "")
            for path, count in sorted(files.items())
        )
        or "none"
    )
