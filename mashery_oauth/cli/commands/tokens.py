"""``mashery-oauth tokens``: one token, seen and ended."""

from __future__ import annotations

import sys

import click

from ...operations import tokens
from ...store import Store
from ...store.census import Counts
from .. import shown
from ..printing import Answer, Content
from ..shell import dry_run_option, example, on_store

STDIN = "-"  # what is written on a command line, other users of the machine can see


@click.group("tokens", epilog=example("mashery-oauth tokens show sha256:..."))
def command() -> None:
    """Tokens: see one, end one.

    TOKEN is a token's text, the sha256: handle that names one, or - for a text from standard input.
    """


def _text(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
    """The text itself. It is read before the store is opened: somebody may take long to type it."""
    if word != STDIN:
        return word
    if sys.stdin is None:
        raise click.BadParameter("there is no standard input")
    try:
        return sys.stdin.readline().strip()
    except UnicodeDecodeError:
        raise click.BadParameter("standard input is no text") from None


@command.command("show", epilog=example("mashery-oauth tokens show sha256:..."))
@click.argument("token", callback=_text)
@on_store
async def show(store: Store, token: str) -> Content:
    """Show what there is of a token; never its text."""
    return shown.token(await tokens.show(store, token))


@command.command("revoke", epilog=example("echo $TOKEN | mashery-oauth tokens revoke -"))
@click.argument("token", callback=_text)
@dry_run_option
@on_store
async def revoke(store: Store, token: str, *, dry_run: bool) -> Answer:
    """Kill a token, and its grant as the service's policy says."""
    found, receipt = await tokens.revoke(store, token, dry_run=dry_run)
    dead = "It was dead already." if receipt.died == Counts() else ""
    row = {**shown.token(found), **shown.receipt(receipt)}
    return Answer(row, people=shown.receipt_of_people(row), note=dead)
