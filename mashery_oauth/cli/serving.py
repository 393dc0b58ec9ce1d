"""Starting the service from the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import click

from ..settings import Settings
from ..store import Store


def run(settings: Settings, prepare: Callable[[Store, int], Awaitable[None]] | None = None) -> None:
    """Serves, and ends the command with the service's exit code.

    :raises click.ClickException: the service cannot start.
    """
    from ..app import AppError, serve  # noqa: PLC0415  a command that only asks for help need not wait for it

    try:
        code = serve(settings, prepare)
    except AppError as error:
        raise click.ClickException(str(error)) from None
    click.get_current_context().exit(code)
