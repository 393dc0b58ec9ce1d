"""Rules by section."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mashery_oauth.replay import Report, rule_sets
from mashery_oauth.replay.reports.sections import sections
from mashery_oauth.replay.rules import RuleSet
from mashery_oauth.replay.verdict import LeftOut

from ..made import DRAFT16, report


def whole(rule_set: RuleSet) -> Report:
    """A run that was about everything a set has."""
    left_out = (LeftOut(rule_set, "all", "All", (), tuple(rule_set.rules.values())),)
    return replace(report(), played=(), left_out=left_out)


@pytest.mark.parametrize("text", rule_sets())
def test_every_rule_is_in_one_section(text: str) -> None:
    rule_set = rule_sets()[text]

    found = list(sections(whole(rule_set), rule_set))

    names = [each.rule.name for section in found for each in section.rules]
    assert sorted(names) == sorted(rule_set.rules)
    assert len({section.name for section in found}) == len(found)


def test_sections_are_in_the_order_of_their_numbers() -> None:
    names = [section.name for section in sections(whole(DRAFT16), DRAFT16)]

    assert names[:5] == ["§2.1", "§2.1.1", "§2.2", "§3", "§3.1"]
    assert names[-4:] == ["§10.5", "§10.6", "§10.7", "§10.10"]


def test_sections_of_one_text_are_together_and_say_which_it_is() -> None:
    oauth21 = rule_sets()["oauth21"]

    names = [section.name for section in sections(whole(oauth21), oauth21)]

    texts = [name.partition(" §")[0] for name in names]
    assert names[0] == "OAuth 2.1 §1.4.1"
    assert names[names.index("RFC 9700 §2.1") + 1] == "RFC 9700 §2.1.1"
    assert [
        name for name in set(texts) if texts[texts.index(name) :][: texts.count(name)] != [name] * texts.count(name)
    ] == []


def test_a_section_counts_its_rules() -> None:
    counts = {section.name: section.counts for section in sections(report(must="passed"), DRAFT16)}

    assert counts == {"§4.1.2": (("passed", 1), ("failed", 1), ("not run", 1))}
