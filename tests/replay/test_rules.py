"""The sets: their statements are those of the tables of promises, where these have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mashery_oauth.replay import Malformed, rule_sets, scenarios
from mashery_oauth.replay.expectations import KINDS
from mashery_oauth.replay.requirements import REQUIREMENTS
from mashery_oauth.replay.rules import MUST, SHOULD, Rule, read_rule_set

from ..promises.reading import tables

PROMISES = {promise.name: promise for table in tables().values() for promise in table.promises}
RULES = [rule for found in rule_sets().values() for rule in found.rules.values()]
NAMED_AS_THEY = ("D10-", "D16-", "RFC9700-", "CVE-", "GHSA-")
# What other servers have not, or mean something else by.
OURS = re.compile(
    r"\b(presets?|polic(y|ies)|profiles?|services?|sites?|providers?|backends?|operators?|callers?|update|Mashery)\b"
)


def test_there_is_a_set_for_each_text() -> None:
    assert set(rule_sets()) == {"draft10", "draft16", "rfc6749", "oauth21", "barracuda"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_statement_of_the_tables_is_told_as_there(rule: Rule) -> None:
    if rule.name.startswith(NAMED_AS_THEY):
        promise = PROMISES[rule.name]
        assert rule.section == promise.section
        assert rule.text == promise.text or OURS.search(promise.text)
    else:
        assert rule.name not in PROMISES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_statement_is_a_sentence(rule: Rule) -> None:
    assert rule.text.endswith(".")
    assert rule.section


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_statement_holds_for_any_server(rule: Rule) -> None:
    """A server of somebody else was blamed for the presets of this one."""
    assert not OURS.search(rule.text)


def test_nothing_that_is_played_is_told_in_words_of_this_server() -> None:
    told = [text for scenario in scenarios() for text in (scenario.title, *(step.title for step in scenario.steps))]
    told += [needs.said for needs in REQUIREMENTS.values()] + [kind.said for kind in KINDS.values()]

    assert [text for text in told if OURS.search(text)] == []


def test_one_statement_is_the_same_in_every_set() -> None:
    by_name: dict[str, set[Rule]] = {}
    for rule in RULES:
        by_name.setdefault(rule.name, set()).add(rule)

    assert [name for name, rules in by_name.items() if len(rules) > 1] == []


def test_the_strictest_rule_counts() -> None:
    draft16 = rule_sets()["draft16"]

    levels = [draft16.level(names) for names in (("D16-33",), ("D16-34",), ("D16-34", "D16-33"), ("D10-7",))]

    assert levels == [MUST, SHOULD, MUST, ""]


RULE = '[[rule]]\nname = "X-1"\nsection = "1"\nlevel = "must"\ntext = "Sentence."\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RULE + RULE, "a rule is there twice"),
        (RULE.replace("must", "may"), "rule 1: level is none of must, should"),
        (RULE.replace('section = "1"\n', ""), "rule 1: section is missing"),
        ("more = 1\n" + RULE, "more is not known here"),
    ],
)
def test_refuses_a_set_that_is_not_as_it_should_be(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text('title = "T"\nsource = "S"\nflows = []\n' + text)

    with pytest.raises(Malformed) as caught:
        read_rule_set(file)

    assert str(caught.value).startswith(f"some.toml: {told}")
