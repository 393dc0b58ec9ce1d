"""``python -m mashery_oauth``: the same as the command ``mashery-oauth``."""

from .cli import main

if __name__ == "__main__":  # a process that this one starts imports it under another name
    main(prog_name="mashery-oauth")
