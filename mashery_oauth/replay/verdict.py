"""What became of a run: a verdict for each claim, and what is to be read from all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .rules import MUST, Rule, RuleSet

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"
OUTCOMES = (PASSED, FAILED, NOT_RUN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds. Nothing secret is in its texts."""

    outcome: str
    expected: str = ""
    received: str = ""
    why: str = ""  # it was not run


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with its verdict."""

    step: str
    rules: tuple[Rule, ...]  # those of the set that it was played by; the first one is the nearest
    level: str
    verdict: Verdict

    @property
    def names(self) -> str:
        """The names of its rules."""
        return ", ".join(rule.name for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played."""

    rule_set: RuleSet
    name: str
    title: str
    topic: str
    judged: tuple[Judged, ...]
    seconds: float

    @property
    def outcome(self) -> str:
        """The worst of its verdicts."""
        found = {each.verdict.outcome for each in self.judged}
        return FAILED if FAILED in found else NOT_RUN if NOT_RUN in found else PASSED


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scenario that was not played, because the target lacks what it needs."""

    rule_set: RuleSet
    name: str
    title: str
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What a run says about one rule."""

    rule: Rule
    outcome: str
    judged: tuple[tuple[Played, Judged], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run."""

    target: str
    started: str  # as ISO 8601 has it
    seconds: float
    played: tuple[Played, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def judged(self) -> Iterator[Judged]:
        """Every verdict."""
        return (each for played in self.played for each in played.judged)

    @property
    def counts(self) -> dict[str, int]:
        """How many verdicts there are of each kind."""
        found = Counter(each.verdict.outcome for each in self.judged)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """The sets that were played, or would have been."""
        sets = [*(each.rule_set for each in self.played), *(each.rule_set for each in self.left_out)]
        return tuple({each.name: each for each in sets}.values())

    def failed(self, *, strict: bool = False) -> bool:
        """Whether something failed that must not: a MUST, and a SHOULD where one is strict."""
        return any(each.verdict.outcome == FAILED and (strict or each.level == MUST) for each in self.judged)

    def rules(self, rule_set: RuleSet) -> Iterator[RuleVerdict]:
        """What became of each rule of a set, in the order of its text."""
        for rule in rule_set.rules.values():
            judged = tuple(
                (played, each)
                for played in self.played
                if played.rule_set is rule_set
                for each in played.judged
                if rule in each.rules
            )
            yield RuleVerdict(rule, _worst(judged), judged)


def _worst(judged: tuple[tuple[Played, Judged], ...]) -> str:
    """A rule of which nothing was played, or not all, has not passed."""
    found = {each.verdict.outcome for _, each in judged}
    return FAILED if FAILED in found else PASSED if found == {PASSED} else NOT_RUN
