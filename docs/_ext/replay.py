"""The scenarios that ``mashery-oauth replay`` has, from their own files."""

from __future__ import annotations

from collections.abc import Iterator

from mashery_oauth.replay import cast, rule_sets, scenarios
from mashery_oauth.replay.expectations import KINDS
from mashery_oauth.replay.requirements import REQUIREMENTS
from mashery_oauth.replay.rules import RuleSet
from mashery_oauth.replay.scenario import Scenario
from tests.promises.reading import tables as promise_tables

from .tables import code, codes, heading, table


def sets() -> Iterator[str]:
    """The texts, with how much of each is played."""
    rows = (
        (code(name), found.title, found.source, str(len(cast([name]))), str(len(found.rules)))
        for name, found in rule_sets().items()
    )
    yield from table(("Set", "Text", "Source", "Scenarios", "Statements"), rows)


def scenario_tables() -> Iterator[str]:
    """A table of scenarios for each topic."""
    for topic in dict.fromkeys(scenario.topic for scenario in scenarios()):
        yield from heading(topic, "~")
        rows = (_cells(scenario) for scenario in scenarios() if scenario.topic == topic)
        yield from table(("Scenario", "What is played", "Sets", "What it needs"), rows)


def _cells(scenario: Scenario) -> tuple[str, ...]:
    needs = [
        *(REQUIREMENTS[name].said for name in scenario.requires),
        *(f"flow {code(each)}" for each in scenario.flows),
    ]
    return code(scenario.name), scenario.title, codes(scenario.sets), ", ".join(needs)


def statements() -> Iterator[str]:
    """The statements of each text that are played."""
    for found in rule_sets().values():
        yield from heading(found.title, "~")
        yield from table(("Statement", "Section", "Level", "What is asked for"), _rows(found))


def _rows(rule_set: RuleSet) -> Iterator[tuple[str, ...]]:
    told = {each.name: page for page, promises in promise_tables().items() for each in promises.promises}
    for rule in rule_set.rules.values():
        name = f":doc:`{rule.name} </promises/{told[rule.name]}>`" if rule.name in told else rule.name
        yield name, rule.section, rule.level.upper(), rule.text


def requirements() -> Iterator[str]:
    """What a scenario may ask a target for."""
    yield from table(("In a scenario", "What it is"), ((code(name), each.said) for name, each in REQUIREMENTS.items()))


def checks() -> Iterator[str]:
    """What can be expected of an answer."""
    yield from table(
        ("What is expected", "How a report says it"), ((code(name), kind.said) for name, kind in KINDS.items())
    )
