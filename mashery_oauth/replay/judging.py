"""Claims held against the answers that came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .answers import Answer
from .masking import Masker
from .scenario import Claim
from .variables import Unset, Values
from .verdict import FAILED, NOT_RUN, PASSED, Verdict

TOO_MANY_REQUESTS = 429  # RFC 6585 §4: says nothing about what was asked


def judge(claim: Claim, answers: Sequence[Answer], values: Values, masker: Masker) -> Verdict:
    """Whether as many of the answers are so as have to be."""
    try:
        count = _count(claim, answers, values)
    except Unset as unset:
        return not_run(unset)
    if claim.least <= count <= claim.most:
        return Verdict(PASSED)
    if any(answer.status == TOO_MANY_REQUESTS for answer in answers):
        return Verdict(NOT_RUN, why="the server wants fewer requests, and says 429: play it again in a while")
    if len(answers) == 1:
        expected = ", ".join(claim.expectation.unmet(answers[0], values))
        return Verdict(FAILED, masker.mask(expected or _amount(claim, values)), masker.told(answers[0]))
    return Verdict(FAILED, masker.mask(_amount(claim, values)), _several(count, answers, masker))


def not_run(unset: Unset) -> Verdict:
    """The verdict where a step before did not yield what this one needs."""
    return Verdict(NOT_RUN, why=f"no {unset} was had in a step before")


def _count(claim: Claim, answers: Sequence[Answer], values: Values) -> int:
    if claim.distinct:
        return len({str(found) for answer in answers if (found := answer.look(claim.distinct)) is not None})
    return sum(claim.expectation.met(answer, values) for answer in answers)


def _amount(claim: Claim, values: Values) -> str:
    """How many answers had to be so."""
    number = f"{claim.least}" if claim.least == claim.most else f"{claim.least} to {claim.most}"
    if claim.distinct:
        return f"{number} different {claim.distinct}"
    return f"{number} with {', '.join(claim.expectation.unmet(Answer(0), values))}"


def _several(count: int, answers: Sequence[Answer], masker: Masker) -> str:
    kinds = Counter(f"status {answer.status} {masker.error(answer)}".rstrip() for answer in answers)
    return f"{count}; of {len(answers)}: " + ", ".join(f"{n} with {kind}" for kind, n in kinds.items())
