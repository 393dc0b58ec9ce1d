"""Which scenarios are played, and by which text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .player import Casting
from .rules import rule_sets
from .scenario import scenarios


class NoSuchScenario(Exception):
    """A name is neither that of a set nor that of a scenario; the text is the name."""


def cast(names: Sequence[str] = (), profiles: Sequence[str] = ()) -> list[Casting]:
    """The scenarios by these names.

    :param names: of sets or of scenarios; a scenario is played by every text that has it. None: all there are.
    :param profiles: the texts that the target follows; none: every one. A set that is named itself is played anyway.
    :raises NoSuchScenario: a name is unknown, or is of no scenario of these texts.
    """
    chosen = [name for name in names if name in rule_sets()]
    followed = [name for name in rule_sets() if name in profiles or not profiles]
    wanted = {name for name in names if name not in chosen}
    found = list(_of_sets(chosen or ([] if wanted else followed)))
    found += [each for each in _of_sets(followed) if each[1].name in wanted and each not in found]
    if unknown := sorted(wanted - {scenario.name for _, scenario in found}):
        raise NoSuchScenario(unknown[0])
    return found


def _of_sets(names: Sequence[str]) -> Iterator[Casting]:
    for name in names:
        yield from ((rule_sets()[name], scenario) for scenario in scenarios() if name in scenario.sets)
