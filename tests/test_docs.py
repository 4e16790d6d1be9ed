"""The documentation says what the code does: a page that lags behind fails here."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docs import reference_pages
from server.endpoints import ENDPOINTS, Endpoint

ROOT = Path(__file__).parent.parent

# What must not stand in any file: a path that exists on one person's machine only.
FORBIDDEN = re.compile(r"/(home|root|Users)/\w+")


def files(pattern: str = "*") -> list[Path]:
    """Return the project's files: those that git has, and new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in sorted(set(listed.split("\0"))) if name]
    return [path for path in paths if path.is_file()]


def test_files_are_found() -> None:
    """The tests below have something to look at."""
    assert ROOT / "README.md" in files("*.md")
    assert Path(__file__) in files()


@pytest.mark.parametrize("page", reference_pages.PAGES)
def test_reference_is_fresh(page: str) -> None:
    """The reference pages are what the code says now."""
    written = (reference_pages.FOLDER / page).read_text(encoding="utf-8")
    assert written == reference_pages.renewed(page), f"docs/{page} is old: run `make docs`"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_endpoint_is_documented(endpoint: Endpoint) -> None:
    """Every machine endpoint has a row in the endpoints page: its path and its methods."""
    row = f"| `{endpoint.path}` | {', '.join(endpoint.methods)} |"
    assert row in (ROOT / "docs/endpoints.md").read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """Return the anchors of a Markdown text's headings, as forges make them."""
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> Iterator[str]:
    """Yield the links of a Markdown text that lead to no file, or to no heading in it."""
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)(?: +\"[^\"]*\")?\)", prose):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = page.parent / parts.path if parts.path else page
        if not target.exists():
            yield f"{page.name}: {link} leads nowhere"
        elif parts.fragment and target.suffix == ".md":
            there = text if target == page else target.read_text(encoding="utf-8")
            if parts.fragment not in anchors(there):
                yield f"{page.name}: {link} names no heading"


def test_links() -> None:
    """Every link between the project's own pages leads somewhere."""
    broken = [
        line
        for page in files("*.md")
        for line in broken_links(page, page.read_text(encoding="utf-8"))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[a](README.md)", 0),
        ('[a](README.md "x") `[b](no.md)`', 0),
        ("# The way\n[a](#the-way) [b](https://example.com/no.md)", 0),
        ("```\n[a](no.md)\n```", 0),
        ("[a](no.md)", 1),
        ("[a](#nowhere) ![b](docs/no.png)", 2),
    ],
)
def test_broken_link_is_told(text: str, count: int) -> None:
    """The checker of links sees a broken one, and only in prose."""
    assert len(list(broken_links(ROOT / "README.md", text))) == count


def test_no_forbidden_words() -> None:
    """No file names a place on somebody's machine."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files()
        for match in FORBIDDEN.finditer(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert not found, "\n".join(found)
