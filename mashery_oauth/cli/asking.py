"""Revocations from the command line: what cannot be taken back is asked for on a terminal before it is done."""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO

import click

from ..operation import Receipt
from ..replay.letters import printable
from ..store import Store
from ..store.census import Counts
from .printing import Answer, tell
from .shell import chosen, dry_run_option, json_option, store_options, with_store
from .shown import receipt, receipt_of_people


def revoking(work: Callable[..., Awaitable[Receipt]]) -> Callable[..., None]:
    """A command that revokes and prints the receipt; the first argument is the store, ``dry_run`` is a keyword.

    Who sits at a terminal is shown first what would die, and asked; the store is not held open meanwhile.
    """

    @functools.wraps(work)
    def command(
        *, redis: str | None, data_dir: Path | None, as_json: bool, dry_run: bool, yes: bool, **arguments: object
    ) -> None:
        settings = chosen(redis=redis, data_dir=data_dir)

        def revoke(*, dry_run: bool) -> Receipt:
            async def revoked(store: Store) -> Receipt:
                return await work(store, **arguments, dry_run=dry_run)

            return with_store(settings, revoked)

        if not (dry_run or yes) and is_terminal(sys.stdin):
            click.confirm(_question(revoke(dry_run=True)), abort=True, err=True)
        found = revoke(dry_run=dry_run)
        note = "There was nothing to end." if found.died == Counts() else ""
        row = receipt(found)
        tell(Answer(row, people=receipt_of_people(row), note=note), as_json=as_json)

    yes = click.option("-y", "--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
    return store_options(json_option(dry_run_option(yes(command))))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits there; a process may have been started without the stream."""
    return stream is not None and stream.isatty()


def _question(found: Receipt) -> str:
    """What would die, and whose it is."""
    died = found.died
    counted = (
        _counted(died.access_tokens, "access token"),
        _counted(died.refresh_tokens, "refresh token"),
        _counted(died.codes, "code"),
    )
    return f"This ends {', '.join(counted)} {printable(found.reach)}, and cannot be taken back. Go on?"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
