"""A run as one page for people: what did not pass first, then all by section; it needs no other file and no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from ..letters import fit
from ..rules import RuleSet
from ..verdict import FAILED, NOT_RUN, LeftOut, Report, RuleVerdict, counted
from .sections import Section, sections
from .sources import places
from .summary import many, sentence, summed

_LITERAL = re.compile(r"``(.+?)``")


@dataclass(frozen=True, slots=True)
class Found:
    """A statement of a text with what became of it."""

    rule_set: RuleSet
    verdict: RuleVerdict


@dataclass(frozen=True, slots=True)
class Part:
    """What a run says about one text."""

    rule_set: RuleSet
    sections: tuple[Section, ...]
    told: str  # how much of it was played


def html(report: Report, *, strict: bool = False) -> str:
    """The page."""
    page = _template().render(
        report=report,
        strict=strict,
        outcome=report.outcome(strict=strict),
        sentence=sentence(report),
        started=_spoken(report.started),
        parts=tuple(_part(report, found) for found in report.rule_sets),
        failed=tuple(_found(report, FAILED)),
        not_run=tuple(_found(report, NOT_RUN)),
        left_out=_left_out(report),
    )
    return fit(page.lstrip()) + "\n"


def _found(report: Report, outcome: str) -> Iterator[Found]:
    for rule_set in report.rule_sets:
        yield from (Found(rule_set, each) for each in report.rules(rule_set) if each.outcome == outcome)


def _part(report: Report, rule_set: RuleSet) -> Part:
    played = [each for each in report.played if each.rule_set is rule_set]
    left_out = [each for each in report.left_out if each.rule_set is rule_set]
    checks = many(sum(len(each.judged) for each in played), "check")
    scenarios = summed("scenario", {"played": len(played), "left out": len(left_out)})
    statements = summed("statement", counted(report.rules(rule_set)))
    return Part(rule_set, tuple(sections(report, rule_set)), f"{scenarios}; {checks}; {statements}")


def _left_out(report: Report) -> dict[str, list[LeftOut]]:
    """Scenarios by all that they lack, the commonest lack first."""
    found: dict[str, list[LeftOut]] = {}
    for each in report.left_out:
        found.setdefault(", ".join(each.lacking), []).append(each)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _spoken(started: str) -> str:
    """A time as people write it."""
    return f"{datetime.fromisoformat(started):%d %B %Y, %H:%M:%S %Z}".lstrip("0")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["literals"] = _literals
    environment.filters["word"] = lambda outcome: outcome.replace(" ", "-")
    environment.filters["places"] = places
    environment.filters["many"] = many
    return environment.from_string((resources.files(__package__) / "report.html").read_text(encoding="utf-8"))


def _literals(text: str) -> Markup:
    """What stands between double backquotes, as code."""
    return Markup(_LITERAL.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped just here
