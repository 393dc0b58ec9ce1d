"""A run in a few lines: how much was played and checked, and what the server keeps of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ..rules import MUST, SHOULD
from ..verdict import FAILED, LEFT_OUT, NOT_RUN, PASSED, Report, RuleVerdict


def totals(report: Report) -> tuple[str, str, str]:
    """Scenarios, the checks in them, and the statements that are checked, each with what became of them."""
    scenarios = {"played": len(report.played), LEFT_OUT: len(report.left_out)}
    return (
        summed("scenario", scenarios),
        summed("check", report.counts),
        summed("statement", report.counts_of_statements),
    )


def summed(noun: str, counts: Mapping[str, int]) -> str:
    """A sum and its parts."""
    parts = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    return many(sum(counts.values()), noun) + (f": {parts}" if parts else "")


def many(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def sentence(report: Report) -> str:
    """The verdict in words."""
    if report.problem:
        return report.problem.removesuffix(".")
    if not report.played:
        return "nothing was played: the target lacks something for every scenario"
    counts = report.counts_of_statements
    kept = f"{report.target} keeps {counts[PASSED]} of {many(sum(counts.values()), 'statement')}"
    broken = Counter(_level(each) for each in report.statements if each.outcome == FAILED)
    levels = ", ".join(f"{broken[level]} {level.upper()}" for level in (MUST, SHOULD) if broken[level])
    others = "".join(f"; {counts[outcome]} {outcome}" for outcome in (NOT_RUN, LEFT_OUT) if counts[outcome])
    return kept + (f" and breaks {counts[FAILED]} ({levels})" if levels else "") + others


def _level(found: RuleVerdict) -> str:
    """The strictest level of the checks by which a statement is broken."""
    levels = {judged.level for _, judged in found.judged if judged.verdict.outcome == FAILED}
    return MUST if MUST in levels else SHOULD


def lacking(report: Report) -> dict[str, int]:
    """How many scenarios were left out for each thing that the target lacks, the most wanted first."""
    found = Counter(name for each in report.left_out for name in each.lacking)
    return dict(found.most_common())
