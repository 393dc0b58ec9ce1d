"""Claims about one answer, and about many."""

from __future__ import annotations

import pytest

from mashery_oauth.replay import Answer
from mashery_oauth.replay.expectations import Check, Expectation
from mashery_oauth.replay.judging import judge
from mashery_oauth.replay.masking import Masker
from mashery_oauth.replay.scenario import Claim
from mashery_oauth.replay.verdict import FAILED, NOT_RUN, PASSED, Verdict

GOOD = Answer(200, {}, b'{"refresh_token": "first-refresh-token"}')
OTHER = Answer(200, {}, b'{"refresh_token": "other-refresh-token"}')
BAD = Answer(400, {}, b'{"error": "invalid_grant"}')


def claim(least: int, most: int, distinct: str = "") -> Claim:
    return Claim(("X",), "", Expectation(status=() if distinct else (200,)), least, most, distinct)


def judged(found: Claim, *answers: Answer) -> Verdict:
    return judge(found, answers, {}, Masker([]))


def test_one_answer_is_as_expected_or_told_with_what_was() -> None:
    assert judged(claim(1, 1), GOOD) == Verdict(PASSED)
    assert judged(claim(1, 1), BAD) == Verdict(FAILED, "status 200", "status 400, error=invalid_grant")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [((BAD, BAD), FAILED), ((GOOD, BAD), PASSED), ((BAD, GOOD), PASSED), ((GOOD, OTHER), FAILED)],
)
def test_one_of_several_has_to_win(answers: tuple[Answer, ...], outcome: str) -> None:
    assert judged(claim(1, 1), *answers).outcome == outcome


def test_a_race_is_told_by_its_outcomes() -> None:
    verdict = judged(claim(1, 1), GOOD, OTHER, BAD)

    assert (verdict.expected, verdict.received) == (
        "1 with status 200",
        "2; of 3: 2 with status 200, 1 with status 400 invalid_grant",
    )


@pytest.mark.parametrize(
    ("answers", "outcome"), [((GOOD, GOOD, BAD), PASSED), ((BAD, BAD), PASSED), ((GOOD, OTHER, BAD), FAILED)]
)
def test_different_values_are_counted(answers: tuple[Answer, ...], outcome: str) -> None:
    assert judged(claim(0, 1, "json.refresh_token"), *answers).outcome == outcome


def test_a_value_that_was_not_had_leaves_the_claim_open() -> None:
    unset = Claim(("X",), "", Expectation(checks=(Check("json.error", "equals", "${gone}"),)), 1, 1)

    assert judged(unset, BAD) == Verdict(NOT_RUN, why="no gone was had in a step before")


def test_a_server_that_wants_fewer_requests_leaves_the_claim_open() -> None:
    """A third run within a minute was told that the server breaks statements, when it only slowed guessing down."""
    slowed = Answer(429, {}, b'{"error": "invalid_client"}')
    absent = Claim(("X",), "", Expectation(checks=(Check("json.access_token", "absent", operand=True),)), 1, 1)

    assert judged(claim(1, 1), slowed).outcome == NOT_RUN
    assert "429" in judged(claim(1, 1), slowed).why
    assert judged(claim(2, 2), GOOD, slowed).outcome == NOT_RUN
    assert judged(absent, slowed) == Verdict(PASSED)
