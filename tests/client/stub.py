"""What type checkers read of the refusals: written from the classes, by ``python -m tests.client.stub``."""

from __future__ import annotations

from pathlib import Path

from mashery_oauth.client import errors, refusals

FILE = Path(refusals.__file__).with_suffix(".pyi")
HEAD = '"""An exception for each row of the service\'s error table, as type checkers see it."""\n'
MADE = refusals.__name__


def written() -> str:
    """The text of the stub."""
    made = [each for each in refusals.BY_ROW.values() if each.__module__ == MADE]
    kinds = [each for each in refusals.BY_ROW.values() if each.__module__ == errors.__name__]
    bases = sorted({errors.BackendError.__name__, *(base.__name__ for each in made for base in each.__bases__)})
    aliases = [f"from .errors import {each.__name__} as {each.__name__}" for each in kinds]
    plain = ", ".join(name for name in bases if name not in {each.__name__ for each in kinds})
    classes = [f"class {each.__name__}({each.__bases__[0].__name__}): ..." for each in made]
    lines = [HEAD, f"from .errors import {plain}", *sorted(aliases), "", "BY_ROW: dict[str, type[BackendError]]", ""]
    return "\n".join([*lines, *classes, ""])


if __name__ == "__main__":
    FILE.write_text(written())
