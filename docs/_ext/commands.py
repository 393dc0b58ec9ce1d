"""The command line, as its own ``--help`` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

from .tables import Gap, block, heading

NAME = "mashery-oauth"
WIDTH = 96


def reference() -> Iterator[str]:
    """Every command that does something, group by group."""
    try:
        main = import_module("mashery_oauth.cli").main
    except (ImportError, AttributeError) as error:
        raise Gap(f"the command line reference cannot be written: {error}") from error
    for context in contexts(main, NAME):
        words = context.command_path.split()
        yield from heading(" ".join(words[1:]) or NAME)
        yield from block("text", context.get_help().replace(str(Path.home()), "~"))


def contexts(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """A command as it is called, and all below it; a group comes before its own commands."""
    context = click.Context(
        command, parent, name, terminal_width=WIDTH, max_content_width=WIDTH, **command.context_settings
    )
    yield context
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            if not inner.hidden:
                yield from contexts(inner, inner.name or "", context)
