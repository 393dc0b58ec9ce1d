"""Whole runs: a sound server passes, and each fault is named by the statement that it breaks."""

from __future__ import annotations

import pytest

from mashery_oauth import __version__
from mashery_oauth.replay import Client, Report, Target, cast, play, rule_sets
from mashery_oauth.replay.verdict import FAILED, NOT_RUN, PASSED, Address

from ..effort import tally, times
from .conftest import Start
from .manners import FAULTS, SHORT

FEW = 5  # statements at most are broken by one fault: what is named has to be what is wrong
BY_WAITING = ("code_never_expires",)  # faults that only time shows


def failed_rules(report: Report, text: str) -> list[str]:
    return [each.rule.name for each in report.rules(rule_sets()[text]) if each.outcome == FAILED]


@pytest.mark.parametrize("text", rule_sets())
async def test_a_sound_server_passes_everything(text: str, start: Start) -> None:
    target = await start(text)

    for _ in range(times(1)):
        report = await play(target, cast([text]))

        wrong = [(each.step, each.names, each.verdict) for each in report.judged if each.verdict.outcome != PASSED]
        assert wrong == []
        tally("claims of scenarios judged", len(list(report.judged)))


@pytest.mark.parametrize("text", rule_sets())
async def test_only_what_cannot_be_had_is_left_out(text: str, start: Start) -> None:
    target = await start(text)

    report = await play(target, cast([text]))

    lacking = {reason for each in report.left_out for reason in each.lacking}
    assert lacking <= {"the lifetime of its codes"}


@pytest.mark.parametrize("text", [name for name in rule_sets() if name != "barracuda"])
async def test_a_code_that_expires_is_seen_to(text: str, start: Start) -> None:
    target = await start(text, lifetime=SHORT)

    report = await play(target, [each for each in cast([text]) if each[1].name == "code_expired"])

    assert [each.outcome for each in report.played] == [PASSED]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_named_by_the_statement_that_it_breaks(fault: str, start: Start) -> None:
    text, statement = FAULTS[fault]
    by_waiting = fault in BY_WAITING
    target = await start(text, fault, **({"lifetime": SHORT} if by_waiting else {}))

    report = await play(target, [each for each in cast([text]) if by_waiting == (each[1].name == "code_expired")])

    failed = failed_rules(report, text)
    assert statement in failed
    assert len(failed) <= FEW, failed
    assert report.failed(strict=True)
    tally("claims of scenarios judged", len(list(report.judged)))


async def test_a_should_fails_only_who_is_strict(start: Start) -> None:
    target = await start("draft16", "reuse_spares_the_grant")

    report = await play(target, cast(["draft16"]))

    assert failed_rules(report, "draft16") == ["D16-34"]
    assert (report.failed(), report.failed(strict=True)) == (False, True)


async def test_what_a_text_does_not_say_fails_only_who_is_strict(start: Start) -> None:
    target = await start("draft10", "two_clients")

    report = await play(target, [each for each in cast(["draft10"]) if each[1].name == "two_clients"])

    assert failed_rules(report, "draft10") == ["D10-22"]
    assert (report.failed(), report.failed(strict=True)) == (False, True)


@pytest.mark.parametrize(("faults", "failed"), [((), []), (("redirect_uri_insisted_on",), ["D16-29"])])
async def test_one_registered_redirect_uri_need_not_be_named(
    faults: tuple[str, ...], failed: list[str], start: Start
) -> None:
    target = await start("draft16", *faults, one_uri=True)

    report = await play(target, [each for each in cast(["draft16"]) if each[1].name == "redirect_uri_never_sent"])

    assert len(report.played) == 1
    assert failed_rules(report, "draft16") == failed


async def test_what_needs_a_value_that_was_not_had_is_not_run(start: Start) -> None:
    target = await start("draft16", "unknown_client_redirected", user="nobody")

    report = await play(target, [each for each in cast(["draft16"]) if each[1].name == "code_used_twice"])

    (played,) = report.played
    assert [each.verdict.outcome for each in played.judged] == [FAILED, NOT_RUN, NOT_RUN]
    assert played.judged[1].verdict.why == "no code was had in a step before"


async def test_a_server_that_is_not_there_fails(unused_tcp_port: int) -> None:
    target = Target(f"http://127.0.0.1:{unused_tcp_port}/token", {"main": Client("id", "secret")})

    report = await play(target, cast(["barracuda"]))

    assert report.counts[PASSED] == 0
    assert report.failed()


async def test_whoever_watches_is_told_of_each_scenario(start: Start) -> None:
    target = await start("barracuda")
    seen: list[str] = []

    report = await play(target, cast(["barracuda"]), lambda played: seen.append(played.name))

    assert seen == [each.name for each in report.played] != []


async def test_no_secret_is_in_what_a_broken_server_is_told_of(start: Start) -> None:
    target = await start("draft16", "code_good_twice", "get_accepted", "scope_widened", "two_clients")

    report = await play(target, cast(["draft16"]))

    texts = "".join(f"{each.step}{each.verdict}" for each in report.judged)
    assert [secret for secret in target.secrets if secret in texts] == []
    assert "access_token=" in texts


async def test_the_report_says_where_it_was_played_and_what_was_left_out(start: Start) -> None:
    target = await start("draft16", name="Bank")
    ((rule_set, scenario),) = [each for each in cast(["draft16"]) if each[1].name == "code_expired"]

    report = await play(target, [(rule_set, scenario)])

    assert report.addresses == (Address("Bank", target.token_url, target.authorize_url),)
    assert report.version == __version__
    assert [each.rules for each in report.left_out] == [scenario.rules(rule_set)]
