"""What a command prints: one JSON document, or lines and tables for people."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click
import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..replay.letters import printable

Row = Mapping[str, object]
Content = Row | Sequence[Row] | str  # one thing, several of a kind, or a TOML file
GAP = 2  # columns between those of a table


@dataclass(frozen=True, slots=True)
class Answer:
    """Content with something to say of it, or that people read otherwise than programs do."""

    content: Content
    people: Content | None = None  # in its place, where nobody has asked for JSON
    below: Sequence[str] = ()  # lines for people under it
    note: str = ""  # a sentence for people, on stderr
    problem: str = ""  # why the command did not do what it was asked to


def tell(answer: Content | Answer, *, as_json: bool) -> None:
    """Prints what a command answers.

    :raises click.ClickException: the command did not do what it was asked to.
    """
    said = answer if isinstance(answer, Answer) else Answer(answer)
    try:
        write(said.content if as_json or said.people is None else said.people, as_json=as_json)
        for line in () if as_json else said.below:
            click.echo(printable(line))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise click.ClickException(f"it is done, and cannot be printed: {error.strerror}") from None
    if said.note and not as_json:
        click.echo(said.note, err=True)
    if said.problem:
        raise click.ClickException(said.problem)


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
    cells = [[_cell(value) for value in row.values()] for row in rows]
    terminal = Console()
    widths = _widths([*zip(*cells, strict=True)], list(rows[0]), terminal.width if terminal.is_terminal else None)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for name, width in zip(rows[0], widths, strict=True):
        table.add_column(name, width=width, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    whole = sum(widths) + GAP * len(widths)
    Console(width=whole, highlight=False, markup=False, emoji=False).print(table)


def _widths(columns: Sequence[Sequence[str]], heads: Sequence[str], room: int | None) -> list[int]:
    """How wide each column is: as its longest cell where there is room, and never less than its longest word.

    A key that is broken cannot be copied, so a terminal that is too narrow for the words breaks the lines itself.
    """
    widths = [max(map(cell_len, (head, *cells))) for head, cells in zip(heads, columns, strict=True)]
    if room is None:
        return widths
    words = [(head, *" ".join(cells).split()) for head, cells in zip(heads, columns, strict=True)]
    least = [max(map(cell_len, each)) for each in words]
    for _ in range(sum(widths) + GAP * (len(widths) - 1) - room):
        at = max(range(len(widths)), key=lambda at: (widths[at] > least[at], widths[at]))
        widths[at] = max(widths[at] - 1, least[at])
    return widths


def _cell(value: object) -> str:
    """A value as people read it; a space at its edge is seen."""
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return " ".join(_cell(each) for each in value)
        case Mapping():
            return " ".join(f"{name}={each}" for name, each in value.items()) or "-"
        case str() if value != value.strip():
            return f"'{printable(value)}'"
        case _:
            return printable(str(value))
