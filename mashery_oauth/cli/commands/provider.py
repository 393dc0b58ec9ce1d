"""``mashery-oauth provider``: the reference authorization server, in front of a service."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import click

from ... import logs, ports
from ...settings import read_settings
from ..asking import is_terminal
from ..shell import example


@click.command("provider", epilog=example("mashery-oauth provider provider.toml"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--host", help="Address to listen on [else as the file says, or 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="0: any [else as the file says, or 8084].")
@click.option("--hash-password", is_flag=True, help="Ask for a password, or read a line, and print its hash.")
def command(file: Path | None, host: str | None, port: int | None, *, hash_password: bool) -> None:
    """Serve the authorization server that FILE describes, until told to stop.

    FILE is TOML. It says where the service is whose calls are made, for which services tokens are given, and which
    file has the users.
    """
    # A command that only asks for help need not wait for these.
    from ... import connections  # noqa: PLC0415
    from ...provider import users  # noqa: PLC0415
    from ...provider.configuration import read_configuration  # noqa: PLC0415
    from ...provider.serving import bind, provider, serve  # noqa: PLC0415
    from ...provider.tables import ConfigurationError  # noqa: PLC0415

    if hash_password:
        click.echo(users.hash_password(_password()))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    logs.configure(read_settings().log_level, server="provider")
    try:
        configuration = read_configuration(file)
        configuration = replace(configuration, host=host or configuration.host)
        app = provider(configuration)
    except (ConfigurationError, users.UsersError) as error:
        raise click.ClickException(str(error)) from None
    wanted = configuration.port if port is None else port
    try:
        sock = bind(configuration.host, wanted)
    except OSError as error:
        raise click.ClickException(ports.not_had(configuration.host, wanted, error, option="--port")) from None
    connections.raise_limit()
    with sock:
        asyncio.run(serve({sock: app}))


def _password() -> str:
    """Asked for twice on a terminal, where it is not seen; else the first line of standard input."""
    if is_terminal(sys.stdin):
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    line = "" if sys.stdin is None else sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("--hash-password: there is no password on standard input.")
    return line
