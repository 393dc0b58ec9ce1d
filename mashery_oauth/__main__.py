"""``python -m mashery_oauth``: the same as the command ``mashery-oauth``."""

from .cli import main

main(prog_name="mashery-oauth")
