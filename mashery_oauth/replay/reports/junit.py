"""A run as JUnit's XML, which CI systems read: a suite per set, a case per check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..letters import fit, unmarked
from ..rules import MUST, RuleSet
from ..verdict import FAILED, NOT_RUN, Judged, Played, Report
from .sources import section_of

TO_BE_PLAYED = "The target can be played against"  # the case that a run has which was not begun


def junit(report: Report, *, strict: bool = False) -> str:
    """The document. What is left out or not run is skipped; a SHOULD that fails is, too, unless one is strict.

    A run that was not begun is one case with an error.
    """
    suites = Element("testsuites", name=report.target, time=f"{report.seconds:.3f}")
    if report.problem:
        _unbegun(suites, report)
    for rule_set in report.rule_sets:
        _suite(suites, rule_set, report, strict=strict)
    indent(suites)
    return fit(tostring(suites, encoding="unicode", xml_declaration=True)) + "\n"


def _suite(suites: Element, rule_set: RuleSet, report: Report, *, strict: bool) -> None:
    played = [each for each in report.played if each.rule_set is rule_set]
    suite = SubElement(suites, "testsuite", name=rule_set.name, timestamp=report.started)
    for each in played:
        for judged in each.judged:
            _case(suite, each, judged, strict=strict)
    for left_out in report.left_out:
        if left_out.rule_set is rule_set:
            case = SubElement(suite, "testcase", classname=f"{rule_set.name}.{left_out.name}", name=left_out.title)
            SubElement(case, "skipped", message=f"left out: it needs {', '.join(left_out.lacking)}")
    suite.set("time", f"{sum(each.seconds for each in played):.3f}")
    _tell_apart(suite)
    _count(suite)


def _unbegun(suites: Element, report: Report) -> None:
    suite = SubElement(suites, "testsuite", name="target", timestamp=report.started, time="0.000")
    case = SubElement(suite, "testcase", classname="replay.target", name=TO_BE_PLAYED)
    SubElement(case, "error", message=report.problem)
    _count(suite)


def _tell_apart(suite: Element) -> None:
    """Numbers cases that have one name: CI systems keep only one of those, or take them for repetitions."""
    seen = Counter[tuple[str, str]]()
    for case in suite:
        scenario, name = case.get("classname", ""), case.get("name", "")
        seen[scenario, name] += 1
        if (number := seen[scenario, name]) > 1:
            case.set("name", f"{name} #{number}")


def _case(suite: Element, played: Played, judged: Judged, *, strict: bool) -> None:
    verdict = judged.verdict
    name = f"{judged.step} ({judged.names})"
    case = SubElement(suite, "testcase", classname=f"{played.rule_set.name}.{played.name}", name=name)
    if verdict.outcome == NOT_RUN:
        SubElement(case, "skipped", message=f"not run: {verdict.why}")
    elif verdict.outcome == FAILED:
        told = f"{judged.level.upper()} {judged.names}: expected {verdict.expected}; received {verdict.received}"
        failure = SubElement(case, "failure" if strict or judged.level == MUST else "skipped", message=told)
        failure.text = "\n".join(f"{section_of(rule)} {rule.name}: {unmarked(rule.text)}" for rule in judged.rules)


def _count(suite: Element) -> None:
    for name, count in _counts(suite):
        suite.set(name, str(count))


def _counts(suite: Element) -> Iterator[tuple[str, int]]:
    yield "tests", len(suite.findall("testcase"))
    yield "failures", len(suite.findall("testcase/failure"))
    yield "skipped", len(suite.findall("testcase/skipped"))
    yield "errors", len(suite.findall("testcase/error"))
