"""The rules of a set by the section of their text: how people look for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..rules import RuleSet
from ..verdict import FAILED, NOT_RUN, OUTCOMES, PASSED, Report, RuleVerdict


@dataclass(frozen=True, slots=True)
class Section:
    """What a run says about one section."""

    name: str
    rules: tuple[RuleVerdict, ...]

    @property
    def outcome(self) -> str:
        """The worst of its rules."""
        found = {each.outcome for each in self.rules}
        return FAILED if FAILED in found else PASSED if found == {PASSED} else NOT_RUN

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many of its rules have each outcome that occurs."""
        found = Counter(each.outcome for each in self.rules)
        return tuple((outcome, found[outcome]) for outcome in OUTCOMES if found[outcome])


def sections(report: Report, rule_set: RuleSet) -> Iterator[Section]:
    """The sections in the order in which the rules first name them."""
    found: dict[str, list[RuleVerdict]] = {}
    for each in report.rules(rule_set):
        found.setdefault(each.rule.section, []).append(each)
    yield from (Section(name, tuple(rules)) for name, rules in found.items())
