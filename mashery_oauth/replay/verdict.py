"""What became of a run: a verdict for each claim, and what is to be read from all of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .. import __version__
from .rules import MUST, Rule, RuleSet
from .target import Target

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"
OUTCOMES = (PASSED, FAILED, NOT_RUN)  # of a check
LEFT_OUT = "left out"  # of a statement: no scenario that checks it was played
_USER = re.compile(r"^([^/?#]*//)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds. Nothing secret is in its texts."""

    outcome: str
    expected: str = ""
    received: str = ""
    why: str = ""  # it was not run


@dataclass(frozen=True, slots=True)
class Judged:
    """A check: a claim with its verdict."""

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
    rules: tuple[Rule, ...] = ()  # those of the set that it would have checked


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What a run says about one rule."""

    rule: Rule
    outcome: str
    judged: tuple[tuple[Played, Judged], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a target is. Nothing secret is in it."""

    name: str
    token_url: str
    authorize_url: str = ""


def address(target: Target) -> Address:
    """That of a target, without a password that its URLs may have."""
    return Address(target.name, _bare(target.token_url), _bare(target.authorize_url))


def _bare(url: str) -> str:
    """A URL without user and password, even if it is none."""
    return _USER.sub(r"\1", url)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run."""

    target: str
    started: str  # as ISO 8601 has it
    seconds: float
    played: tuple[Played, ...]
    left_out: tuple[LeftOut, ...]
    addresses: tuple[Address, ...] = ()
    version: str = __version__  # of this package
    problem: str = ""  # why it was not begun; empty: it was

    @property
    def judged(self) -> Iterator[Judged]:
        """Every verdict."""
        return (each for played in self.played for each in played.judged)

    @property
    def counts(self) -> dict[str, int]:
        """How many checks have each outcome."""
        found = Counter(each.verdict.outcome for each in self.judged)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def counts_of_statements(self) -> dict[str, int]:
        """How many statements have each outcome; one that several sets have counts for each of them."""
        return counted(self.statements)

    @property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """The sets that were played, or would have been."""
        sets = [*(each.rule_set for each in self.played), *(each.rule_set for each in self.left_out)]
        return tuple({each.name: each for each in sets}.values())

    @property
    def statements(self) -> Iterator[RuleVerdict]:
        """What became of the rules of every set."""
        return (each for rule_set in self.rule_sets for each in self.rules(rule_set))

    def outcome(self, *, strict: bool = False) -> str:
        """That of the run. One in which nothing passed has not passed itself."""
        return FAILED if self.failed(strict=strict) else PASSED if self.counts[PASSED] else NOT_RUN

    def failed(self, *, strict: bool = False) -> bool:
        """Whether something failed that must not: a MUST, and a SHOULD where one is strict."""
        return any(each.verdict.outcome == FAILED and (strict or each.level == MUST) for each in self.judged)

    def rules(self, rule_set: RuleSet) -> Iterator[RuleVerdict]:
        """What became of each rule of a set that the run was about, in the order of its text."""
        left_out = {rule for each in self.left_out if each.rule_set is rule_set for rule in each.rules}
        for rule in rule_set.rules.values():
            judged = tuple(
                (played, each)
                for played in self.played
                if played.rule_set is rule_set
                for each in played.judged
                if rule in each.rules
            )
            if judged or rule in left_out:
                yield RuleVerdict(rule, _worst(judged), judged)


def counted(rules: Iterable[RuleVerdict]) -> dict[str, int]:
    """How many of some rules have each outcome."""
    found = Counter(each.outcome for each in rules)
    return {outcome: found[outcome] for outcome in (*OUTCOMES, LEFT_OUT)}


def _worst(judged: tuple[tuple[Played, Judged], ...]) -> str:
    """A rule of which nothing was played, or not all, has not passed."""
    found = {each.verdict.outcome for _, each in judged}
    if not found:
        return LEFT_OUT
    return FAILED if FAILED in found else PASSED if found == {PASSED} else NOT_RUN
