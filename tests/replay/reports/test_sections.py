"""Rules by section."""

from __future__ import annotations

from mashery_oauth.replay.reports.sections import sections

from ..made import DRAFT16, report


def test_every_rule_is_in_its_section_once() -> None:
    found = list(sections(report(), DRAFT16))

    names = [each.rule.name for section in found for each in section.rules]
    assert sorted(names) == sorted(DRAFT16.rules)
    assert all(each.rule.section == section.name for section in found for each in section.rules)
    assert len({section.name for section in found}) == len(found)


def test_a_section_counts_its_rules() -> None:
    counts = {section.name: section.counts for section in sections(report(must="passed"), DRAFT16)}

    assert counts["§4.1.2, §10.9"] == (("failed", 1), ("not run", 2))


def test_a_section_has_the_worst_of_its_rules() -> None:
    outcomes = {section.name: section.outcome for section in sections(report(must="passed"), DRAFT16)}

    assert (outcomes["§4.1.2, §10.9"], outcomes["§4.1.2, §4.1.2.1"], outcomes["§6"]) == ("failed", "passed", "not run")
