"""Write the parts of the reference pages that the code knows better: `make docs`.

Each page keeps its own words; between its two marks stands what was read from the code.
`tests/test_docs.py` says when that has grown old.
"""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from docs.conformance import citations, with_tests
from server.cli import main
from server.config import Config

FOLDER = Path(__file__).parent
BEGIN = "<!-- written by `make docs`: begin -->"
END = "<!-- written by `make docs`: end -->"


def configuration() -> str:
    """Return a table of every configuration key."""
    rows = [
        f"| `{field.name}` | {_default(field)} | {field.metadata['doc']} |"
        for field in dataclasses.fields(Config)
    ]
    return "\n".join(["| key | default | meaning |", "| --- | --- | --- |", *rows])


def command_line() -> str:
    """Return what every command says to `--help`."""
    return "\n\n".join(
        f"## {path}\n\n```text\n{_help(command, path)}\n```"
        for path, command in _commands(main, "pairlight")
    )


def conformance() -> str:
    """Return the tables of requirements as they are, with today's tests in the last column."""
    _, tables, _ = _parts("conformance.md")
    return with_tests(tables.strip("\n"), citations())


PAGES = {
    "configuration.md": configuration,
    "command_line.md": command_line,
    "conformance.md": conformance,
}


def renewed(page: str) -> str:
    """Return the page with the part between its marks written anew."""
    before, _, after = _parts(page)
    return f"{before}{BEGIN}\n\n{PAGES[page]()}\n\n{END}{after}"


def _parts(page: str) -> tuple[str, str, str]:
    """Return what stands before, between and after the marks of a page."""
    text = (FOLDER / page).read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    between, _, after = rest.partition(END)
    return before, between, after


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    elif field.default is not dataclasses.MISSING:
        value = field.default
    else:
        return "none: it must be set"
    if value is None or value in ("", (), [], {}):
        return ""
    if isinstance(value, dict):
        entries = ", ".join(f"{key} = {_literal(entry)}" for key, entry in value.items())
        return f"`{{ {entries} }}`"
    return f"`{_literal(value)}`"


def _literal(value: Any) -> str:
    """Return the value as a TOML file has it; plain values look as they do in JSON."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if command.hidden:
        return
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], f"{path} {name}")


def _help(command: click.Command, path: str) -> str:
    settings = {**main.context_settings, "terminal_width": 88, "max_content_width": 88}
    context = click.Context(command, info_name=path, **settings)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


if __name__ == "__main__":
    for page in PAGES:
        (FOLDER / page).write_text(renewed(page), encoding="utf-8")
