"""Mutants that no test notices, each with the reason: what nobody can see, or what other tests see than those run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path(__file__).with_name("known.toml")


@dataclass(frozen=True, slots=True)
class Known:
    """A mutant that survives; a file's name and the line as it is and as it was made."""

    file: str
    before: str
    after: str
    why: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What finds it again when its line has moved."""
        return self.file, self.before, self.after


def known() -> tuple[Known, ...]:
    """All of them, as listed."""
    return tuple(Known(**row) for row in tomllib.loads(KNOWN.read_text())["mutant"])
