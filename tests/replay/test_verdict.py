"""What is to be read from the verdicts of a run."""

from __future__ import annotations

from mashery_oauth.replay.verdict import FAILED, NOT_RUN, PASSED

from .made import DRAFT10, DRAFT16, report


def test_a_must_fails_the_run_and_a_should_only_who_is_strict() -> None:
    failed, passed = report(), report(must=PASSED)

    assert (failed.failed(), failed.failed(strict=True)) == (True, True)
    assert (passed.failed(), passed.failed(strict=True)) == (False, True)


def test_counts_the_verdicts() -> None:
    assert report().counts == {PASSED: 1, FAILED: 2, NOT_RUN: 1}


def test_a_rule_has_the_worst_of_its_verdicts() -> None:
    outcomes = {each.rule.name: each.outcome for each in report(must=PASSED).rules(DRAFT16)}

    assert (outcomes["D16-31"], outcomes["D16-33"], outcomes["D16-34"]) == (PASSED, NOT_RUN, FAILED)


def test_a_rule_that_was_not_played_has_not_passed() -> None:
    found = report()

    assert [each.name for each in found.rule_sets] == ["draft16", "draft10"]
    assert {each.outcome for each in found.rules(DRAFT10)} == {NOT_RUN}


def test_a_scenario_has_the_worst_of_its_verdicts() -> None:
    (played,) = report().played

    assert played.outcome == FAILED
