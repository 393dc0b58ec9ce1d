"""``python docs/examples/sample_client demo.json``: the application by itself, beside a demo that runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent.parent))
from sample_client import create_app


@click.command()
@click.argument("demo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--port", default=8085, show_default=True)
def main(demo: Path, port: int) -> None:
    """Serve the sample application for the demo that DEMO describes."""
    origin = f"http://127.0.0.1:{port}"
    click.echo(f"Open {origin}")
    web.run_app(
        create_app(json.loads(demo.read_text()), origin), host="127.0.0.1", port=port, access_log=None, print=None
    )


main()
