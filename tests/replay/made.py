"""A small report with one of everything, for the tests of how it is told."""

from __future__ import annotations

from mashery_oauth.replay import Report, rule_sets
from mashery_oauth.replay.rules import MUST, SHOULD
from mashery_oauth.replay.verdict import FAILED, NOT_RUN, PASSED, Address, Judged, LeftOut, Played, Verdict

DRAFT16, DRAFT10 = rule_sets()["draft16"], rule_sets()["draft10"]
ONCE, ENDS, ECHO = (DRAFT16.rules[name] for name in ("D16-33", "D16-34", "D16-31"))
FRAGMENT = DRAFT10.rules["D10-8"]
HOSTILE = "<script>alert(1)</script>\x1b[31m\x00&"


def report(*, must: str = FAILED) -> Report:
    """One MUST with this outcome, a SHOULD that failed, one that was not run, one that passed, and one left out."""
    judged = (
        Judged("Twice", (ONCE,), MUST, Verdict(must, "status 400", HOSTILE) if must == FAILED else Verdict(must)),
        Judged("Ended", (ENDS,), SHOULD, Verdict(FAILED, "status 400", "status 200")),
        Judged("Later", (ONCE, ENDS), MUST, Verdict(NOT_RUN, why="no code was had in a step before")),
        Judged("Echo", (ECHO,), MUST, Verdict(PASSED)),
    )
    played = Played(DRAFT16, "code_twice", "A code is used twice", "Codes", judged, 0.25)
    lacking = ("a user who can sign in", "the flow implicit")
    left_out = LeftOut(DRAFT10, "implicit", "A token in the fragment", lacking, (FRAGMENT,))
    addresses = (Address(f"Bank {HOSTILE}", "https://bank.example/token", "https://bank.example/authorize"),)
    return Report(f"Bank {HOSTILE}", "2026-01-02T03:04:05+00:00", 1.5, (played,), (left_out,), addresses, "1.2.3")
