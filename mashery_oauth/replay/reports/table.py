"""A run as tables on a terminal: a row for each rule, then what failed in full."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..rules import RuleSet
from ..verdict import FAILED, NOT_RUN, PASSED, Judged, Played, Report

STYLES = {PASSED: "green", FAILED: "bold red", NOT_RUN: "yellow"}


def write_tables(report: Report, console: Console, *, strict: bool = False) -> None:
    """Prints all of it."""
    console.print(Group(*_parts(report, strict=strict)))


def _parts(report: Report, *, strict: bool) -> Iterator[RenderableType]:
    for rule_set in report.rule_sets:
        yield _rules(report, rule_set)
        yield Text()
    for played in report.played:
        for judged in played.judged:
            if judged.verdict.outcome != PASSED:
                yield from _trouble(played, judged)
    for left_out in report.left_out:
        yield Text(f"left out {left_out.rule_set.name} {left_out.name}: needs {', '.join(left_out.lacking)}")
    yield Text()
    yield _summary(report, strict=strict)


def _rules(report: Report, rule_set: RuleSet) -> Table:
    table = Table(title=f"{rule_set.title} ({rule_set.source})", title_justify="left", box=None, pad_edge=False)
    for name in ("section", "rule", "level", "verdict", "what is asked for"):
        table.add_column(name, overflow="fold")
    for each in report.rules(rule_set):
        rule = each.rule
        verdict = Text(each.outcome, STYLES[each.outcome])
        table.add_row(*map(Text, (rule.section, rule.name, rule.level.upper())), verdict, Text(rule.text))
    return table


def _trouble(played: Played, judged: Judged) -> Iterator[Text]:
    verdict = judged.verdict
    yield Text.assemble(
        (verdict.outcome, STYLES[verdict.outcome]),
        f" {played.rule_set.name} {played.name}: {judged.step} ({judged.level.upper()} {judged.names})",
    )
    told = {"expected": verdict.expected, "received": verdict.received, "because": verdict.why}
    yield from (Text(f"  {name}: {_printable(text)}") for name, text in told.items() if text)


def _printable(text: str) -> str:
    """Nothing that a server says can move the cursor."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _summary(report: Report, *, strict: bool) -> Text:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items())
    failed = report.failed(strict=strict)
    return Text.assemble(
        (FAILED if failed else PASSED, STYLES[FAILED if failed else PASSED]),
        f" {_printable(report.target)}: {counts}; {len(report.left_out)} scenarios left out; {report.seconds:.1f} s",
    )
