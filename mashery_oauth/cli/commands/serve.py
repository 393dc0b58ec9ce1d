"""``mashery-oauth serve``: the service."""

from __future__ import annotations

from typing import Any

import click

from ..serving import run
from ..shell import chosen, example, serving_options


@click.command("serve", epilog=example("mashery-oauth serve --host 0.0.0.0 --port 8083 --workers 4"))
@serving_options
def command(**options: Any) -> None:
    """Serve until told to stop; calls in flight finish."""
    run(chosen(**options))
