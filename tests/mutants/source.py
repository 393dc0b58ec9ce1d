"""A mutant: one line of a file made wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HUNK = re.compile(r"@@ -(\d+)")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line made wrong."""

    file: Path
    line: int
    before: str
    after: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What stays of it when lines above it are written."""
        return self.file.name, self.before.strip(), self.after.strip()

    def text(self) -> str:
        """The whole file with the line in it."""
        lines = self.file.read_text().split("\n")
        lines[self.line - 1] = self.after
        return "\n".join(lines)


def changed(file: Path, difference: str) -> Mutant:
    """The mutant that a unified difference of one line tells of.

    :raises ValueError: more than one line differs, or not in this file as it is.
    """
    head, *lines = difference[difference.index("@@") :].split("\n")
    start = HUNK.match(head)
    gone = [place for place, line in enumerate(lines) if line.startswith("-")]
    come = [line for line in lines if line.startswith("+")]
    if start is None or len(gone) != 1 or len(come) != 1:
        raise ValueError(difference)
    mutant = Mutant(file, int(start[1]) + gone[0], lines[gone[0]][1:], come[0][1:])
    if file.read_text().split("\n")[mutant.line - 1] != mutant.before:
        raise ValueError(difference)
    return mutant
