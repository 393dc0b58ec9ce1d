"""Both drafts on the refresh: whose it is, what still stands, and how much of the scope there is to be had."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from tests.effort import tally, times
from tests.flows.calls import names
from tests.waiting import family_expired
from tests.wire.profiles import staged
from tests.wire.scene import Members, Scene
from tests.world import World

from .asking import both_drafts, refusal

WORDS = ("a", "b", "c", "d", "e")


async def _by_user(scene: Scene, _: Members) -> None:
    await scene.call("revokeUserApplication", names(scene.service, scene.client, user_context="user"))


async def _by_token(scene: Scene, granted: Members) -> None:
    mine = names(scene.service, scene.client, access_token=granted["access_token"])
    assert (await scene.call("revokeAccessToken", mine)).result is True


async def _by_grant(scene: Scene, granted: Members) -> None:
    mine = names(scene.service, scene.client, access_token=granted["refresh_token"])
    assert (await scene.call("revokeAccessToken", mine)).result is True


async def _by_operator(scene: Scene, _: Members) -> None:
    world = scene.world
    await world.write(replace(scene.client, revoked_before=world.store.configuration.version + 1))


async def _by_time(scene: Scene, granted: Members) -> None:
    await family_expired(scene.world.store, granted["refresh_token"])


ENDS = [_by_user, _by_token, _by_grant, _by_operator, _by_time]


@pytest.mark.keeps("D16-62", "D16-64", "D10-18")
@both_drafts
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
async def test_a_refresh_token_is_good_only_while_what_the_owner_authorized_stands(
    world: World, profile: str, end: Any
) -> None:
    scene = await staged(world, profile, refresh_idle_ttl=1 if end is _by_time else 600)
    granted = await scene.granted()
    await end(scene, granted)

    found = await scene.refresh(granted["refresh_token"])

    assert refusal(found) == "invalid_grant"


@pytest.mark.keeps("D16-64", "D16-67", "D10-18")
@both_drafts
async def test_a_refresh_token_is_good_for_its_own_client_and_service_alone(world: World, profile: str) -> None:
    scene = await staged(world, profile)
    granted = await scene.granted()
    elsewhere = await world.add_service(profile)
    await world.write(replace(scene.client, services=(scene.service.key, elsewhere.key)))
    thief = replace(scene, client=await world.add_application(scene.service, elsewhere))

    found = [
        await each.refresh(granted["refresh_token"])
        for each in (thief, replace(thief, service=elsewhere), replace(scene, service=elsewhere))
    ]

    assert [refusal(answer) for answer in found] == ["invalid_grant"] * 3
    assert (await scene.refresh(granted["refresh_token"])).result


@pytest.mark.keeps("D16-65", "D10-13")
@both_drafts
async def test_a_refresh_asks_for_no_more_than_was_granted_and_gets_all_of_it_by_default(
    world: World, profile: str
) -> None:
    scene = await staged(world, profile)
    chance, count = random.Random(65), times(15)

    for _ in range(count):
        granted, asked = chance.sample(WORDS, chance.randint(1, 5)), chance.sample(WORDS, chance.randint(1, 5))
        within = set(asked) <= set(granted)
        first = await scene.granted(scope=" ".join(granted))

        found = await scene.refresh(first["refresh_token"], scope=" ".join(asked))
        whole = await scene.refresh((found.result if within else first)["refresh_token"])
        fetched = await world.fetch(scene.service, whole.result["access_token"])

        assert (refusal(found) or found.result["scope"]) == (" ".join(asked) if within else "invalid_scope")
        assert whole.result["scope"] == fetched.result["scope"] == " ".join(granted)

    tally("refreshes of a draft with some scope", count)


@pytest.mark.keeps("D16-66", "D10-18")
@both_drafts
async def test_a_refresh_gives_a_new_refresh_token_and_the_old_one_ends_the_grant_when_it_comes_back(
    world: World, profile: str
) -> None:
    scene = await staged(world, profile, refresh_grace=0)
    first = await scene.granted()
    second = (await scene.refresh(first["refresh_token"])).result

    again = await scene.refresh(first["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert refusal(again) == "invalid_grant"
    assert refusal(await scene.refresh(second["refresh_token"])) == "invalid_grant"
    assert not await world.is_alive(scene.service, second["access_token"])


@pytest.mark.keeps("D16-66", "D10-18")
@both_drafts
async def test_a_service_may_let_a_refresh_token_stay_the_same(world: World, profile: str) -> None:
    scene = await staged(world, profile, refresh_rotation=False)
    granted = await scene.granted()

    found = [(await scene.refresh(granted["refresh_token"])).result for _ in range(2)]

    assert {each["refresh_token"] for each in found} == {granted["refresh_token"]}
    assert len({each["access_token"] for each in found}) == 2
