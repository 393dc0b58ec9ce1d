"""What a command prints: one JSON document, or lines and tables for people."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = Mapping[str, object]
Content = Row | Sequence[Row] | str  # one thing, several of a kind, or a TOML file
WIDE = 1000  # columns where nobody looks at a terminal: nothing is cut


@dataclass(frozen=True, slots=True)
class Failed:
    """Something to print, although the command did not do what it was asked to."""

    content: Content
    problem: str


def write(content: Content, *, as_json: bool) -> None:
    """Prints to stdout."""
    if as_json:
        plain = tomllib.loads(content) if isinstance(content, str) else content
        click.echo(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode())
    elif isinstance(content, str):
        click.echo(content, nl=False)
    elif isinstance(content, Mapping):
        _write_members(content)
    else:
        _write_table(content)


def _write_members(row: Row) -> None:
    """One thing: a line per member, so that a value can be copied whole."""
    members = list(_flat(row))
    width = max(len(name) for name, _ in members)
    for name, value in members:
        click.echo(f"{name:<{width}}  {value}".rstrip())


def _flat(row: Row, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _cell(value)


def console(width: int) -> Console:
    """What prints to stdout, as wide as the terminal; where there is none, as wide as is said."""
    found = Console(highlight=False, markup=False, emoji=False)
    return found if found.is_terminal else Console(width=width, highlight=False, markup=False, emoji=False)


def _write_table(rows: Sequence[Row]) -> None:
    if not rows:
        click.echo("none")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    console(WIDE).print(table)


def _cell(value: object) -> str:
    """A value as people read it; nothing in it can move the cursor."""
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return " ".join(_cell(each) for each in value)
        case Mapping():
            return " ".join(f"{name}={each}" for name, each in value.items()) or "-"
        case _:
            return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(value))
