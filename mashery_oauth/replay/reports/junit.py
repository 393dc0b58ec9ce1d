"""A run as JUnit's XML, which CI systems read: a suite per set, a case per check."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..rules import MUST, RuleSet
from ..verdict import FAILED, NOT_RUN, Judged, Played, Report
from .letters import fit
from .sources import section_of


def junit(report: Report, *, strict: bool = False) -> str:
    """The document. What is left out or not run is skipped; a SHOULD that fails is, too, unless one is strict."""
    suites = Element("testsuites", name=report.target, time=f"{report.seconds:.3f}")
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
    for name, count in _counts(suite):
        suite.set(name, str(count))


def _case(suite: Element, played: Played, judged: Judged, *, strict: bool) -> None:
    verdict = judged.verdict
    name = f"{judged.step} ({judged.names})"
    case = SubElement(suite, "testcase", classname=f"{played.rule_set.name}.{played.name}", name=name)
    if verdict.outcome == NOT_RUN:
        SubElement(case, "skipped", message=f"not run: {verdict.why}")
    elif verdict.outcome == FAILED:
        told = f"{judged.level.upper()} {judged.names}: expected {verdict.expected}; received {verdict.received}"
        failure = SubElement(case, "failure" if strict or judged.level == MUST else "skipped", message=told)
        failure.text = "\n".join(f"{section_of(rule)} {rule.name}: {rule.text}" for rule in judged.rules)


def _counts(suite: Element) -> Iterator[tuple[str, int]]:
    yield "tests", len(suite.findall("testcase"))
    yield "failures", len(suite.findall("testcase/failure"))
    yield "skipped", len(suite.findall("testcase/skipped"))
    yield "errors", 0
