"""Replay against the provider: every scenario of every text is played, and nothing fails."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from mashery_oauth.replay import WrongTarget, cast, rule_sets, tried
from mashery_oauth.replay.verdict import PASSED

from ..effort import tally, times
from .replayed import EXPIRES, PAGE, failed_rules, played, staged
from .visiting import OpenStage

# What each text says of scopes that do not exist.
ABOUT_SCOPES = {
    "barracuda": {"BAR-ERROR"},
    "draft10": {"D10-9"},
    "draft16": {"D16-58"},
    "oauth21": {"OAUTH21-1.4.1"},
    "rfc6749": {"RFC6749-3.3"},
}
CODE_TTL, PATIENCE = 1, 1.2  # seconds that a code lives, and after which it certainly does not

ELSEWHERE = ("tls_at_authorization", "tls_at_token")  # what a provider on this machine is not held to


def shown() -> dict[str, tuple[int, int]]:
    """The scenarios and the claims of each set, as the page says that they passed."""
    rows = re.findall(r"^   \* - ``(\w+)``\n     - (\d+)\n     - (\d+)$", PAGE.read_text(), re.MULTILINE)
    return {name: (int(scenarios), int(claims)) for name, scenarios, claims in rows}


@pytest.mark.parametrize("text", rule_sets())
async def test_every_scenario_is_played_and_as_many_claims_pass_as_the_page_says(
    text: str, open_stage: OpenStage
) -> None:
    target = await staged(open_stage, text)
    short = await staged(open_stage, text, code_ttl=CODE_TTL, code_lifetime=PATIENCE)

    for _ in range(times(1)):
        reports = await asyncio.gather(*(played(each, text) for each in (target, short)))

        judged = [each for report in reports for each in report.judged]
        wrong = [(each.step, each.names, each.verdict) for each in judged if each.verdict.outcome != PASSED]
        assert wrong == []
        assert [each.name for report in reports for each in report.left_out] == [
            name for name in ELSEWHERE if name in [scenario.name for _, scenario in cast([text])]
        ]
        assert (sum(len(report.played) for report in reports), len(judged)) == shown()[text]
        tally("claims of replay judged against the provider", len(judged))


@pytest.mark.parametrize("text", rule_sets())
async def test_without_limited_scopes_only_the_statements_about_scopes_fail(text: str, open_stage: OpenStage) -> None:
    """A new user made a service as the quickstart says, and saw replay fail."""
    target = await staged(open_stage, text, scopes=None)

    report = await played(target, text)

    assert set(failed_rules(report, text)) == ABOUT_SCOPES[text]


def test_the_page_counts_all_there_are() -> None:
    counted = {name: scenarios for name, (scenarios, _) in shown().items()}

    assert counted == {
        name: len([scenario for _, scenario in cast([name]) if scenario.name not in ELSEWHERE]) for name in rule_sets()
    }


def test_one_scenario_of_each_text_at_most_is_played_apart() -> None:
    apart = {rule_set.name for rule_set, scenario in cast() if scenario.name == EXPIRES}

    assert apart == {"draft10", "draft16", "rfc6749", "oauth21"}


@pytest.mark.parametrize("text", rule_sets())
async def test_what_of_a_target_is_wrong_is_told_before_it_looks_like_dozens_of_faults(
    text: str, open_stage: OpenStage
) -> None:
    """A scope or a resource that is not there broke statement after statement."""
    target = await staged(open_stage, text)
    misspelt = replace(target, scopes=(*target.scopes, "no:such"))
    elsewhere = replace(target, resource_url=f"{target.resource_url}-not")

    with pytest.raises(WrongTarget, match=r"^scopes: the clients may probably not have no:such: "):
        await tried(misspelt, cast([text]))
    with pytest.raises(WrongTarget, match=r"^urls.resource: probably not the resource, it answers with 404 "):
        await tried(elsewhere, cast([text]))
