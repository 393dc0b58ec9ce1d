"""A run on a terminal: what did not pass, then a summary; where all is wanted, every statement before that."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from ..letters import printable, unmarked
from ..rules import Rule, RuleSet
from ..verdict import FAILED, LEFT_OUT, NOT_RUN, PASSED, Judged, Played, Report
from .sources import section_of
from .summary import lacking, many, sentence, totals

STYLES = {PASSED: "green", FAILED: "bold red", NOT_RUN: "yellow", LEFT_OUT: "yellow"}
COLUMN = 10  # characters of an outcome and of a level
INDENT = "      "  # of a statement
HANGING = "    "  # of what a terminal has no room for on a line
NARROWEST = 60  # columns; what is narrower breaks the lines itself


def write_tables(report: Report, console: Console, *, strict: bool = False, verbose: bool = False) -> None:
    """Prints it. Statements keep to the console's width; what a server has said is broken only for a terminal.

    :param verbose: whether to show every statement, and each scenario that was left out.
    """
    for rule_set in report.rule_sets if verbose else ():
        for line in _statements(report, rule_set, max(console.width, NARROWEST)):
            console.print(line, soft_wrap=True)
    for line in _lines(report, strict=strict, verbose=verbose):
        for part in _hanging(line, console) if console.is_terminal else (line,):
            console.print(part, soft_wrap=True)


def _hanging(line: Text, console: Console) -> Iterator[Text]:
    """A line broken for the width of a terminal, where one sees what goes on and what begins."""
    first, *rest = line.wrap(console, max(console.width, NARROWEST) - len(HANGING)) or [line]
    yield first
    yield from (Text(HANGING).append_text(part) for part in rest)


def _statements(report: Report, rule_set: RuleSet, width: int) -> Iterator[Text]:
    yield Text(f"{rule_set.title} ({rule_set.source})", "bold")
    for each in report.rules(rule_set):
        rule, verdict = each.rule, f"{each.outcome:<{COLUMN}}"
        yield Text.assemble("  ", (verdict, STYLES[each.outcome]), f"{rule.level.upper():<{COLUMN}}{_place(rule)}")
        yield Text(textwrap.fill(unmarked(rule.text), width, initial_indent=INDENT, subsequent_indent=INDENT))
    yield Text()


def _place(rule: Rule) -> str:
    return f"{rule.name}, {section_of(rule)}"


def _lines(report: Report, *, strict: bool, verbose: bool) -> Iterator[Text]:
    troubles = [(played, judged) for played in report.played for judged in played.judged]
    for outcome in (FAILED, NOT_RUN):
        yield from _block(line for each in troubles if each[1].verdict.outcome == outcome for line in _trouble(*each))
    yield from _block(_left_out_each(report) if verbose else _left_out(report))
    yield from map(Text, totals(report))
    yield _last(report, strict=strict)


def _block(lines: Iterable[Text]) -> Iterator[Text]:
    """Some lines, if there are any, with an empty one after them."""
    found = list(lines)
    yield from (*found, Text()) if found else ()


def _trouble(played: Played, judged: Judged) -> Iterator[Text]:
    """One check that did not pass: what was done, what is asked for, and what came."""
    verdict = judged.verdict
    yield Text.assemble(
        (verdict.outcome, STYLES[verdict.outcome]),
        printable(f" {played.rule_set.name} {played.name}: {judged.step} ({judged.level.upper()} {judged.names})"),
    )
    if verdict.outcome == FAILED:
        yield from (Text(f"  {_place(rule)}: {unmarked(rule.text)}") for rule in judged.rules)
    told = {"expected": verdict.expected, "received": verdict.received, "because": verdict.why}
    yield from (Text(f"  {name}: {printable(text)}") for name, text in told.items() if text)


def _left_out(report: Report) -> Iterator[Text]:
    """A line for each thing that is lacking."""
    for name, count in lacking(report).items():
        yield Text.assemble((LEFT_OUT, STYLES[LEFT_OUT]), f" {many(count, 'scenario')} for lack of {name}")


def _left_out_each(report: Report) -> Iterator[Text]:
    """A line for each scenario."""
    for each in report.left_out:
        needs = f" {each.rule_set.name} {each.name}: needs {', '.join(each.lacking)}"
        yield Text.assemble((LEFT_OUT, STYLES[LEFT_OUT]), needs)


def _last(report: Report, *, strict: bool) -> Text:
    outcome = report.outcome(strict=strict)
    return Text.assemble((outcome, STYLES[outcome]), f": {printable(sentence(report))}; {report.seconds:.1f} s")
