"""Mutants of the Lua scripts: one small thing made wrong in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What is replaced by what, outside comments and strings where that matters.
RULES: tuple[tuple[str, str], ...] = (
    (r" == ", " ~= "),
    (r" ~= ", " == "),
    (r" < ", " >= "),
    (r" <= ", " > "),
    (r" > ", " <= "),
    (r" >= ", " < "),
    (r" and ", " or "),
    (r" or ", " and "),
    (r"\bnot ", ""),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r"math\.max", "math.min"),
    (r"math\.min", "math.max"),
    (r", 'KEEPTTL'", ""),
    (r", 'GT'", ""),
    (r", 'XX'", ""),
    (r"'\(%d'", "'%d'"),
    (r"\btrue\b", "false"),
    (r"600000", "1000"),
)
STATEMENT = re.compile(
    r"^(\s*)(?:redis\.call\('(?:SET|ZADD|ZREM|DEL|PEXPIRE|ZREMRANGEBYSCORE)'|\w+\(KEYS|bury\()[^\n]*\)$"
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line made wrong."""

    file: Path
    line: int
    before: str
    after: str

    def text(self) -> str:
        """The whole file with the line in it."""
        lines = self.file.read_text().split("\n")
        lines[self.line - 1] = self.after
        return "\n".join(lines)


def mutants(file: Path) -> Iterator[Mutant]:
    """All mutants of a file: each rule at each place, and each write left out."""
    for number, line in enumerate(file.read_text().split("\n"), start=1):
        code = line.partition("--")[0]
        for pattern, instead in RULES:
            for found in re.finditer(pattern, code):
                yield Mutant(file, number, line, line[: found.start()] + instead + line[found.end() :])
        if STATEMENT.match(code.rstrip()):
            yield Mutant(file, number, line, "")
