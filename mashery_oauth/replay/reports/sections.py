"""The rules of a set by the section of their text: how people look for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..rules import Rule, RuleSet
from ..verdict import Report, RuleVerdict, counted
from .sources import section_of

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Section:
    """What a run says about one section."""

    name: str
    rules: tuple[RuleVerdict, ...]

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many of its rules have each outcome that occurs."""
        return tuple((outcome, count) for outcome, count in counted(self.rules).items() if count)


def sections(report: Report, rule_set: RuleSet) -> Iterator[Section]:
    """The sections by number, those of one text together; a rule of several is in the first of them."""
    found: dict[str, list[RuleVerdict]] = {}
    for each in report.rules(rule_set):
        found.setdefault(_first(each.rule), []).append(each)
    texts = list(dict.fromkeys(map(_text, found)))
    for name in sorted(found, key=lambda name: (texts.index(_text(name)), _numbers(name))):
        yield Section(name, tuple(found[name]))


def _first(rule: Rule) -> str:
    return section_of(rule).partition(", ")[0]


def _text(name: str) -> str:
    """The text that a section is of."""
    return name.partition("§")[0]


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(map(int, _NUMBER.findall(name.partition("§")[2])))
