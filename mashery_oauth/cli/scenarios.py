"""The scenarios of replay as a list for people, by topic: each once, with the texts by which it is played."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ..replay.player import Casting
from ..replay.reports.table import NARROWEST
from ..replay.requirements import REQUIREMENTS
from ..replay.scenario import Scenario

INDENT = "      "  # of what is told of a scenario, below its title


def needs_of(scenario: Scenario) -> Iterator[str]:
    """What a target has to have for it, in words."""
    yield from (REQUIREMENTS[name].said for name in scenario.requires)
    yield from (f"the flow {name}" for name in scenario.flows)


def write_list(castings: Sequence[Casting], console: Console) -> None:
    """Prints it, no wider than the console, with the numbers at the end."""
    for line in _lines(castings, max(console.width, NARROWEST)):
        console.print(line, soft_wrap=True)


def _lines(castings: Sequence[Casting], width: int) -> Iterator[Text]:
    listed = {scenario.name: scenario for _, scenario in castings}
    column = max(map(len, listed)) + 2
    several = len({rule_set.name for rule_set, _ in castings}) > 1
    for topic in dict.fromkeys(scenario.topic for scenario in listed.values()):
        yield Text(topic, "bold")
        for scenario in (each for each in listed.values() if each.topic == topic):
            indent = "  " + " " * column
            title = textwrap.fill(scenario.title, width, initial_indent=indent, subsequent_indent=indent)
            yield Text.assemble("  ", (scenario.name, "cyan"), title[2 + len(scenario.name) :])
            sets = ", ".join(rule_set.name for rule_set, each in castings if each is scenario)
            told = f"{f'{sets}; ' if several else ''}needs {', '.join(needs_of(scenario)) or 'nothing'}"
            yield Text(textwrap.fill(told, width, initial_indent=INDENT, subsequent_indent=INDENT), "dim")
        yield Text()
    yield Text(textwrap.fill(_total(castings, len(listed)), width))


def _total(castings: Sequence[Casting], count: int) -> str:
    sets = Counter(rule_set.name for rule_set, _ in castings)
    listed = f"{count} scenario{'' if count == 1 else 's'}"
    if len(sets) == 1:
        return f"{listed} of {next(iter(sets))}"
    return f"{listed}; by set: {', '.join(f'{name} {number}' for name, number in sets.items())}, {sets.total()} in all"
