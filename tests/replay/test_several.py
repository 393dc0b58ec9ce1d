"""Several targets in one run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mashery_oauth.replay import Client, Target, WrongTarget, cast
from mashery_oauth.replay.several import NOBODY_FOLLOWS, play_all, try_all, waits
from mashery_oauth.replay.verdict import PASSED, Played

from .conftest import Start

CASTINGS = [each for each in cast() if each[1].name in ("client_credentials", "password", "barracuda")]


def nobody(_: Played) -> None: ...


async def two(start: Start) -> list[Target]:
    draft10, barracuda = await start("draft10", name="Bank"), await start("barracuda", name="Bank")
    return [replace(draft10, profiles=("draft10",)), replace(barracuda, profiles=("barracuda",))]


async def test_each_is_played_what_its_text_has(start: Start) -> None:
    targets = await two(start)

    report = await play_all(targets, CASTINGS, nobody)

    assert [(each.rule_set.name, each.name, each.outcome) for each in report.played] == [
        ("draft10", "client_credentials", PASSED),
        ("draft10", "password", PASSED),
        ("barracuda", "barracuda", PASSED),
    ]
    assert (report.target, [each.name for each in report.addresses]) == ("Bank", ["Bank", "Bank"])
    assert report.seconds >= sum(each.seconds for each in report.played)


async def test_a_text_that_nobody_follows_is_left_out_and_told(start: Start) -> None:
    report = await play_all(await two(start), CASTINGS, nobody)

    assert {each.rule_set.name for each in report.left_out} == {"draft16", "rfc6749"} | {
        rule_set.name for rule_set, _ in CASTINGS if rule_set.name not in ("draft10", "barracuda")
    }
    assert {each.lacking for each in report.left_out} == {(NOBODY_FOLLOWS,)}
    assert all(each.rules for each in report.left_out)


async def test_what_one_lacks_and_another_has_is_not_left_out(start: Start) -> None:
    (whole, _) = await two(start)
    lacking = replace(whole, name="Other", clients={"main": Client("nobody")})

    one = [each for each in CASTINGS if each[0].name == "draft10"][:1]

    report = await play_all([lacking, whole], one, nobody)
    alone = await play_all([lacking, lacking], one, nobody)

    assert (len(report.played), report.left_out, report.target) == (1, (), "Other, Bank")
    assert [each.lacking for each in alone.left_out] == [("a client with a secret",)]
    assert [each.name for each in alone.addresses] == ["Other"]


async def test_one_that_is_alone_is_played_whatever_is_asked_for(start: Start) -> None:
    target = replace(await start("draft10"), profiles=("draft10",))

    report = await play_all([target], [each for each in CASTINGS if each[0].name == "draft16"], nobody)

    assert {each.rule_set.name for each in report.played} == {"draft16"}


async def test_the_one_that_is_wrong_is_told_by_its_texts(start: Start) -> None:
    (sound, other) = await two(start)
    wrong = replace(other, clients={"main": Client("nobody", "wrong")})

    await try_all([sound, other], CASTINGS)
    with pytest.raises(WrongTarget, match=r"^Bank \(barracuda\): clients\.main: "):
        await try_all([sound, wrong], CASTINGS)
    with pytest.raises(WrongTarget, match=r"^Bank: clients\.main: "):
        await try_all([wrong], CASTINGS)


async def test_what_a_target_does_not_follow_is_not_tried(start: Start) -> None:
    (sound, other) = await two(start)
    wrong = replace(other, clients={"main": Client("nobody", "wrong")})

    await try_all([sound, wrong], [each for each in CASTINGS if each[0].name == "draft10"])


async def test_waits_are_known_before_anything_is_played(start: Start) -> None:
    draft10, _ = await two(start)
    draft16 = replace(draft10, profiles=("draft16",), code_lifetime=60.0)
    waiting = [each for each in cast() if each[1].name == "code_expired"]

    seconds = waits([draft10, replace(draft16, login=None), draft16], waiting)

    assert seconds == [60.0]
