"""Mutants of the Lua scripts: one small thing made wrong in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .source import Mutant

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


def mutants(file: Path) -> Iterator[Mutant]:
    """All mutants of a file: each rule at each place, and each write left out."""
    for number, line in enumerate(file.read_text().split("\n"), start=1):
        code = line.partition("--")[0]
        for pattern, instead in RULES:
            for found in re.finditer(pattern, code):
                yield Mutant(file, number, line, line[: found.start()] + instead + line[found.end() :])
        if STATEMENT.match(code.rstrip()):
            yield Mutant(file, number, line, "")
