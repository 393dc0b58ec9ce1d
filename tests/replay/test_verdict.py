"""What is to be read from the verdicts of a run."""

from __future__ import annotations

from dataclasses import replace

from mashery_oauth.replay import Client, Target
from mashery_oauth.replay.verdict import FAILED, LEFT_OUT, NOT_RUN, PASSED, Address, address

from .made import DRAFT10, DRAFT16, report


def test_a_must_fails_the_run_and_a_should_only_who_is_strict() -> None:
    failed, passed = report(), report(must=PASSED)

    assert (failed.failed(), failed.failed(strict=True)) == (True, True)
    assert (passed.failed(), passed.failed(strict=True)) == (False, True)


def test_counts_checks_and_statements_apart() -> None:
    assert report().counts == {PASSED: 1, FAILED: 2, NOT_RUN: 1}
    assert report().counts_of_statements == {PASSED: 1, FAILED: 2, NOT_RUN: 0, LEFT_OUT: 1}


def test_a_run_in_which_nothing_passed_has_not_passed() -> None:
    made = report(must=PASSED)
    (played,) = made.played
    nothing = replace(made, played=())
    without = replace(made, played=(replace(played, judged=played.judged[1:3]),))

    outcomes = [each.outcome() for each in (made, nothing, without)]

    assert outcomes == [PASSED, NOT_RUN, NOT_RUN]
    assert (made.outcome(strict=True), without.outcome(strict=True)) == (FAILED, FAILED)


def test_a_rule_has_the_worst_of_its_verdicts() -> None:
    outcomes = {each.rule.name: each.outcome for each in report(must=PASSED).rules(DRAFT16)}

    assert (outcomes["D16-31"], outcomes["D16-33"], outcomes["D16-34"]) == (PASSED, NOT_RUN, FAILED)


def test_a_rule_of_which_everything_was_left_out_is_so_too() -> None:
    found = report()

    assert [each.name for each in found.rule_sets] == ["draft16", "draft10"]
    assert [(each.rule.name, each.outcome) for each in found.rules(DRAFT10)] == [("D10-8", LEFT_OUT)]


# Found by a run of one scenario: it listed every statement of its text as not run.
def test_a_rule_that_no_scenario_of_the_run_checks_is_not_told() -> None:
    assert [each.rule.name for each in report().rules(DRAFT16)] == ["D16-31", "D16-33", "D16-34"]
    assert [each.rule.name for each in report().statements] == ["D16-31", "D16-33", "D16-34", "D10-8"]


def test_an_address_has_no_password() -> None:
    client = {"main": Client("id")}
    urls = ("https://user:secret@bank.example:8443/token?a=b", "https://secret@bank.example/authorize")

    found = address(Target(urls[0], client, "Bank", authorize_url=urls[1]))

    assert (found.name, found.token_url) == ("Bank", "https://bank.example:8443/token?a=b")
    assert found.authorize_url == "https://bank.example/authorize"
    assert address(Target("https://bank.example/token?a=//b@c", client)) == Address(
        "authorization server", "https://bank.example/token?a=//b@c"
    )
    assert address(Target("https://a@b:secret@[broken/token", client)).token_url == "https://[broken/token"


def test_a_scenario_has_the_worst_of_its_verdicts() -> None:
    (played,) = report().played

    assert played.outcome == FAILED
