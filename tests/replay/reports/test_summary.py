"""A run in a few lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mashery_oauth.replay import Report
from mashery_oauth.replay.reports.summary import lacking, many, sentence, totals
from mashery_oauth.replay.rules import MUST
from mashery_oauth.replay.verdict import PASSED, Judged, Verdict

from ..made import DRAFT16, ECHO, report


def test_checks_and_statements_are_counted_by_their_names() -> None:
    assert totals(report()) == (
        "2 scenarios: 1 played, 1 left out",
        "4 checks: 1 passed, 2 failed, 1 not run",
        "4 statements: 1 passed, 2 failed, 1 left out",
    )


def named(made: Report) -> Report:
    return replace(made, target="Bank")


def sound() -> Report:
    """Everything passed, and nothing was left out."""
    made = named(report())
    judged = (Judged("Echo", (ECHO,), MUST, Verdict(PASSED)),)
    return replace(made, played=(replace(made.played[0], judged=judged),), left_out=())


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (named(report()), "Bank keeps 1 of 4 statements and breaks 2 (1 MUST, 1 SHOULD); 1 left out"),
        (named(report(must="passed")), "Bank keeps 1 of 4 statements and breaks 1 (1 SHOULD); 1 not run; 1 left out"),
        (sound(), "Bank keeps 1 of 1 statement"),
        (
            replace(named(report()), played=()),
            "nothing was played: the target lacks something for every scenario",
        ),
    ],
)
def test_the_verdict_is_a_sentence(made: Report, told: str) -> None:
    assert sentence(made) == told


def test_what_most_scenarios_lack_is_first() -> None:
    made = report()
    (left_out,) = made.left_out
    both = replace(made, left_out=(left_out, replace(left_out, rule_set=DRAFT16, lacking=("the flow implicit",))))

    assert list(lacking(both).items()) == [("the flow implicit", 2), ("a user who can sign in", 1)]


def test_one_is_not_many() -> None:
    assert [many(count, "check") for count in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]
