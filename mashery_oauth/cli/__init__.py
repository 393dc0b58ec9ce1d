"""The command ``mashery-oauth``: one file per group of commands, found by listing their folder."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from . import commands
from .shell import Main

main = Main(
    name="mashery-oauth",
    help="An OAuth 2.0 token service that answers Mashery's JSON-RPC calls.",
    epilog="Example: mashery-oauth demo",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in iter_modules(commands.__path__):
    main.add_command(import_module(f"{commands.__name__}.{module.name}").command)
